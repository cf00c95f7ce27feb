package contract

import (
	"fmt"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
)

// FoldAccount brings an account's head up to date (ledger.FoldRequest → ledger.FoldAnswer), so that later spending has
// less to do, holds whose time is over are released, and points whose month has passed expire.
func (c *Contract) FoldAccount(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "FoldAccount"); err != nil {
		return "", err
	}
	return call(stub, "FoldAccount", request, foldAccount)
}

// ForgetAccount marks an account as erased (ledger.FoldRequest → ledger.FoldAnswer): its open holds are released and its
// points expire, so that the totals stay the sum of the accounts. Nothing can be spent from it or transferred to it any
// more. Credits not named stay until they are named in another call.
func (c *Contract) ForgetAccount(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ForgetAccount"); err != nil {
		return "", err
	}
	return call(stub, "ForgetAccount", request, forgetAccount)
}

func foldAccount(t *transaction, r ledger.FoldRequest) (answer ledger.FoldAnswer, changed bool, err error) {
	of, fold, err := parseFold(r.Account, r.Fold)
	if err != nil {
		return answer, false, err
	}
	s, err := t.open(of, fold)
	if err != nil {
		return answer, false, err
	}
	s.folded.Status = ledger.StatusDone
	if s.changed() {
		s.save()
	}
	return s.folded, s.changed(), nil
}

func forgetAccount(t *transaction, r ledger.FoldRequest) (answer ledger.FoldAnswer, changed bool, err error) {
	of, fold, err := parseFold(r.Account, r.Fold)
	if err != nil {
		return answer, false, err
	}
	before, err := t.forgotten(of)
	if err != nil {
		return answer, false, err
	}
	s, err := t.open(of, fold)
	if err != nil {
		return answer, false, err
	}
	if err := s.release(account.Released, func(account.OpenHold) bool { return true }); err != nil {
		return answer, false, err
	}
	remaining := account.Sum(s.head.Buckets)
	s.head.Buckets = nil
	s.totals.Expired += remaining
	s.folded.Expired += remaining
	s.folded.Status = ledger.StatusDone
	if before && !s.changed() {
		return s.folded, false, nil
	}
	t.put(ledger.MarkerKey(of), []byte{ledger.Version})
	s.save()
	return s.folded, true, nil
}

// parseFold reads an account and the credits that are to be folded into its head.
func parseFold(text string, fold []string) (ledger.Account, []ledger.EntryID, error) {
	of, err := ledger.ParseAccount(text)
	if err != nil {
		return of, nil, err
	}
	if of == (ledger.Account{}) {
		return of, nil, fmt.Errorf("account %s stands for nobody", of)
	}
	if len(fold) > ledger.MaxFold {
		return of, nil, fmt.Errorf("fold %d credits: want at most %d", len(fold), ledger.MaxFold)
	}
	ids := make([]ledger.EntryID, len(fold))
	for i, text := range fold {
		if ids[i], err = ledger.ParseEntryID(text); err != nil {
			return of, nil, fmt.Errorf("fold: %w", err)
		}
	}
	return of, ids, nil
}
