package contract

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/ledger"
)

// TransferPoints gives points of one account to another (ledger.TransferRequest → ledger.TransferAnswer). They keep the
// months in which they expire.
func (c *Contract) TransferPoints(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "TransferPoints"); err != nil {
		return "", err
	}
	return call(stub, "TransferPoints", request, transferPoints)
}

func transferPoints(t *transaction, r ledger.TransferRequest) (answer ledger.TransferAnswer, changed bool, err error) {
	id, err := ledger.ParseTransferID(r.TransferID)
	if err != nil {
		return answer, false, err
	}
	from, fold, err := parseFold(r.From, r.Fold)
	if err != nil {
		return answer, false, err
	}
	to, err := ledger.ParseAccount(r.To)
	if err != nil {
		return answer, false, err
	}
	if r.Points <= 0 {
		return answer, false, fmt.Errorf("transfer %d points: want more than none", r.Points)
	}
	refused := func(status ledger.Status) (ledger.TransferAnswer, bool, error) {
		return ledger.TransferAnswer{TransferID: id.String(), Status: status}, false, nil
	}
	answer = ledger.TransferAnswer{TransferID: id.String(), Status: ledger.StatusTransferred, Points: r.Points}
	earlier, err := t.get(ledger.TransferKey(id))
	if err != nil {
		return answer, false, err
	}
	if earlier != nil {
		transfer, err := ledger.DecodeTransfer(earlier)
		if err != nil || transfer.Digest == r.Digest() {
			answer.Repeated = true
			return answer, false, err
		}
		return refused(ledger.StatusMismatch)
	}
	if from == to {
		return refused(ledger.StatusSelf)
	}
	if gone, err := t.forgotten(to); err != nil || gone {
		answer, _, _ := refused(ledger.StatusForgotten)
		return answer, false, err
	}
	s, status, err := t.openToSpend(from, fold)
	if err != nil {
		return answer, false, err
	}
	if status != "" {
		return refused(status)
	}
	parts, err := s.head.Spend(r.Points)
	if status := spendingStatus(err); status != "" {
		return refused(status)
	}
	if err != nil {
		return answer, false, err
	}
	s.save()
	transfer := ledger.Transfer{From: from, To: to, Points: r.Points, Parts: parts, Digest: r.Digest()}
	t.put(ledger.TransferKey(id), transfer.Encode())
	return answer, true, t.receive(id, transfer)
}

// receive credits the other account, each part by itself.
func (t *transaction) receive(id ledger.TransferID, transfer ledger.Transfer) error {
	for n, part := range transfer.Parts {
		err := t.addEntry(transfer.To, ledger.TransferInID(id, n), ledger.Entry{
			Kind: ledger.TransferIn, Points: part.Points, Currency: ledger.NoCurrency,
			BusinessDay: t.now.Format(time.DateOnly), ExpiryMonth: part.Month,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
