package contract

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
)

// HoldPoints keeps points of an account aside (ledger.HoldRequest → ledger.HoldAnswer).
func (c *Contract) HoldPoints(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "HoldPoints"); err != nil {
		return "", err
	}
	return call(stub, "HoldPoints", request, holdPoints)
}

// CaptureHold pays with what a hold keeps aside (ledger.CaptureRequest → ledger.HoldAnswer). A ticket that names the hold
// captures it by itself, and one that names a captured hold is covered by it.
func (c *Contract) CaptureHold(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "CaptureHold"); err != nil {
		return "", err
	}
	return call(stub, "CaptureHold", request, captureHold)
}

// ReleaseHold gives back what a hold keeps aside (ledger.ReleaseRequest → ledger.HoldAnswer).
func (c *Contract) ReleaseHold(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReleaseHold"); err != nil {
		return "", err
	}
	return call(stub, "ReleaseHold", request, releaseHold)
}

func holdPoints(t *transaction, r ledger.HoldRequest) (answer ledger.HoldAnswer, changed bool, err error) {
	id, err := ledger.ParseHoldID(r.HoldID)
	if err != nil {
		return answer, false, err
	}
	of, fold, err := parseFold(r.Account, r.Fold)
	if err != nil {
		return answer, false, err
	}
	if r.Points <= 0 || r.TTLSeconds < ledger.MinTTLSeconds || r.TTLSeconds > ledger.MaxTTLSeconds {
		return answer, false, fmt.Errorf("hold %d points for %d s: want more than none for %d to %d s",
			r.Points, r.TTLSeconds, ledger.MinTTLSeconds, ledger.MaxTTLSeconds)
	}
	answer = ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusHeld, Points: r.Points}
	if earlier, err := t.hold(id); err != nil || earlier != nil {
		return repeatedHold(answer, earlier, r.Digest()), false, err
	}
	s, status, err := t.openToSpend(of, fold)
	if err != nil || status != "" {
		return ledger.HoldAnswer{HoldID: id.String(), Status: status}, false, err
	}
	answer.ExpiresAt = t.now.Unix() + r.TTLSeconds
	hold, err := s.head.NewHold(id, account.Hold{Account: of, Points: r.Points, ExpiresAt: answer.ExpiresAt, Digest: r.Digest()})
	if status := spendingStatus(err); status != "" {
		return ledger.HoldAnswer{HoldID: id.String(), Status: status}, false, nil
	}
	if err != nil {
		return answer, false, err
	}
	t.put(ledger.HoldKey(id), ledger.EncodeHold(hold))
	t.totals.Held += r.Points
	s.save()
	return answer, true, nil
}

func repeatedHold(answer ledger.HoldAnswer, earlier *account.Hold, digest [32]byte) ledger.HoldAnswer {
	if earlier == nil {
		return answer
	}
	if earlier.Digest != digest {
		return ledger.HoldAnswer{HoldID: answer.HoldID, Status: ledger.StatusMismatch}
	}
	answer.ExpiresAt, answer.Repeated = earlier.ExpiresAt, true
	return answer
}

// openToSpend opens an account, or says why nothing can be spent from it now.
func (t *transaction) openToSpend(of ledger.Account, fold []ledger.EntryID) (*spending, ledger.Status, error) {
	gone, err := t.forgotten(of)
	if err != nil {
		return nil, "", err
	}
	if gone {
		return nil, ledger.StatusForgotten, nil
	}
	s, err := t.open(of, fold)
	if err != nil {
		return nil, "", err
	}
	if s.folded.More {
		return nil, ledger.StatusFoldFirst, nil
	}
	return s, "", nil
}

// spendingStatus is how an answer says that points cannot be spent.
func spendingStatus(err error) ledger.Status {
	switch {
	case errors.Is(err, account.ErrInsufficient):
		return ledger.StatusInsufficient
	case errors.Is(err, account.ErrTooManyHolds):
		return ledger.StatusTooManyHolds
	}
	return ""
}

func captureHold(t *transaction, r ledger.CaptureRequest) (answer ledger.HoldAnswer, changed bool, err error) {
	id, err := ledger.ParseHoldID(r.HoldID)
	if err != nil {
		return answer, false, err
	}
	if r.Points < 0 {
		return answer, false, fmt.Errorf("capture %d points: want more than none, or no number for all", r.Points)
	}
	hold, err := t.hold(id)
	if err != nil {
		return answer, false, err
	}
	if hold == nil {
		return ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusUnknown}, false, nil
	}
	if hold.State != account.Held {
		return closed(id, hold, r.Points), false, nil
	}
	amount := r.Points
	if amount == 0 {
		amount = hold.Points
	}
	if amount > hold.Points {
		return ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusInsufficient}, false, nil
	}
	if err := t.capture(id, hold, amount); err != nil {
		return answer, false, err
	}
	t.put(ledger.HoldKey(id), ledger.EncodeHold(*hold))
	return ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusCaptured, Points: hold.Captured}, true, nil
}

// closed is the answer to a capture of a hold that is no longer open.
func closed(id ledger.HoldID, hold *account.Hold, amount int64) ledger.HoldAnswer {
	answer := ledger.HoldAnswer{HoldID: id.String(), Repeated: true}
	switch {
	case hold.State == account.Released:
		answer.Status = ledger.StatusReleased
	case hold.State == account.Lapsed:
		answer.Status = ledger.StatusLapsed
	case amount != 0 && amount != hold.Captured:
		return ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusMismatch}
	default:
		answer.Status, answer.Points = ledger.StatusCaptured, hold.Captured
	}
	return answer
}

func releaseHold(t *transaction, r ledger.ReleaseRequest) (answer ledger.HoldAnswer, changed bool, err error) {
	id, err := ledger.ParseHoldID(r.HoldID)
	if err != nil {
		return answer, false, err
	}
	hold, err := t.hold(id)
	if err != nil {
		return answer, false, err
	}
	if hold == nil {
		return ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusUnknown}, false, nil
	}
	if hold.State != account.Held {
		return closed(id, hold, 0), false, nil
	}
	head, err := t.head(hold.Account)
	if err != nil {
		return answer, false, err
	}
	head.Release(id, hold, account.Released)
	t.totals.Held -= hold.Points
	t.put(ledger.HoldKey(id), ledger.EncodeHold(*hold))
	t.putHead(hold.Account, head)
	return ledger.HoldAnswer{HoldID: id.String(), Status: ledger.StatusReleased, Points: hold.Points}, true, nil
}
