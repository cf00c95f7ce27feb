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
	to, _, err := parseFold(r.To, nil)
	if err != nil {
		return answer, false, err
	}
	if r.Points <= 0 {
		return answer, false, fmt.Errorf("transfer %d points: want more than none", r.Points)
	}
	answer = ledger.TransferAnswer{TransferID: id.String()}
	if answer.Status, err = t.earlierTransfer(id, r.Digest()); err != nil || answer.Status != "" {
		if answer.Repeated = answer.Status == ledger.StatusTransferred; answer.Repeated {
			answer.Points = r.Points
		}
		return answer, false, err
	}
	if from == to {
		answer.Status = ledger.StatusSelf
		return answer, false, nil
	}
	transfer := ledger.Transfer{From: from, To: to, Points: r.Points, Digest: r.Digest()}
	if answer.Status, err = t.pass(id, transfer, fold); err != nil || answer.Status != ledger.StatusTransferred {
		return answer, false, err
	}
	answer.Points = r.Points
	return answer, true, nil
}

// earlierTransfer says what stands under an id: nothing, this request, or another.
func (t *transaction) earlierTransfer(id ledger.TransferID, digest [32]byte) (ledger.Status, error) {
	value, err := t.get(ledger.TransferKey(id))
	if err != nil || value == nil {
		return "", err
	}
	earlier, err := ledger.DecodeTransfer(value)
	if err != nil {
		return "", err
	}
	if earlier.Digest != digest {
		return ledger.StatusMismatch, nil
	}
	return ledger.StatusTransferred, nil
}

// pass takes the points out of one account and gives them to the other, or says why not.
func (t *transaction) pass(id ledger.TransferID, transfer ledger.Transfer, fold []ledger.EntryID) (ledger.Status, error) {
	gone, err := t.forgotten(transfer.To)
	if err != nil {
		return "", err
	}
	if gone {
		return ledger.StatusForgotten, nil
	}
	s, status, err := t.openToSpend(transfer.From, fold)
	if err != nil || status != "" {
		return status, err
	}
	transfer.Parts, err = s.head.Spend(transfer.Points)
	if status := spendingStatus(err); status != "" {
		return status, nil
	}
	if err != nil {
		return "", err
	}
	s.save()
	t.put(ledger.TransferKey(id), transfer.Encode())
	return ledger.StatusTransferred, t.receive(id, transfer)
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
