package spending

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// Refusals, as a redemption or transfer keeps them.
const (
	Insufficient = "insufficient-points"
	TooManyHolds = "too-many-holds"
)

// errRefused says that the ledger will never take what is asked for, for a reason of no use to who asked.
var errRefused = errors.New("the ledger refuses")

// carryOut does what an order says. A refusal is an outcome; an error is to be tried again.
func (s *Service) carryOut(ctx context.Context, order hotstate.SpendingOrder) error {
	member, err := s.keys.Member(order.LoyaltyID)
	if err != nil {
		return err
	}
	switch order.Action {
	case hotstate.OrderHold:
		return s.hold(ctx, order, member.Account)
	case hotstate.OrderCapture:
		return s.endHold(ctx, "CaptureHold", ledger.CaptureRequest{HoldID: order.Subject})
	case hotstate.OrderRelease:
		return s.endHold(ctx, "ReleaseHold", ledger.ReleaseRequest{HoldID: order.Subject})
	case hotstate.OrderTransfer:
		return s.transfer(ctx, order, member.Account)
	case hotstate.OrderSweep:
		return s.foldDebits(ctx, member.Account)
	}
	return fmt.Errorf("an order to %q is not known here", order.Action)
}

func (s *Service) hold(ctx context.Context, order hotstate.SpendingOrder, account ledger.Account) error {
	redemption, err := hotstate.RedemptionByID(ctx, s.pool, order.Subject)
	if err != nil {
		return err
	}
	request := ledger.HoldRequest{
		HoldID: redemption.ID, Account: account.String(), Points: redemption.Points,
		TTLSeconds: int64(s.config.HoldFor.Seconds()),
	}
	status, err := s.spend(ctx, account, redemption.Points, func(fold []string) (ledger.Status, error) {
		request.Fold = fold
		answer, err := call(ctx, s, "HoldPoints", request, func(a ledger.HoldAnswer) bool {
			return a.Status == ledger.StatusHeld && !a.Repeated
		})
		return answer.Status, err
	})
	if err != nil || status == ledger.StatusHeld {
		return err
	}
	return hotstate.RefuseRedemption(ctx, s.pool, redemption.ID, refusal(status))
}

// endHold captures or releases. A hold that is no longer open stays as it is, and shows as that.
func (s *Service) endHold(ctx context.Context, function string, request any) error {
	_, err := call(ctx, s, function, request, func(a ledger.HoldAnswer) bool {
		return !a.Repeated && (a.Status == ledger.StatusCaptured || a.Status == ledger.StatusReleased)
	})
	return err
}

func (s *Service) transfer(ctx context.Context, order hotstate.SpendingOrder, from ledger.Account) error {
	transfer, err := hotstate.TransferByID(ctx, s.pool, order.Subject)
	if err != nil {
		return err
	}
	if transfer.To == "" { // forgotten since
		return hotstate.RefuseTransfer(ctx, s.pool, transfer.ID, Insufficient)
	}
	to, err := s.keys.Member(transfer.To)
	if err != nil {
		return err
	}
	request := ledger.TransferRequest{
		TransferID: transfer.ID, From: from.String(), To: to.Account.String(), Points: transfer.Points,
	}
	status, err := s.spend(ctx, from, transfer.Points, func(fold []string) (ledger.Status, error) {
		request.Fold = fold
		answer, err := call(ctx, s, "TransferPoints", request, func(a ledger.TransferAnswer) bool {
			return a.Status == ledger.StatusTransferred && !a.Repeated
		})
		return answer.Status, err
	})
	if err != nil || status == ledger.StatusTransferred {
		return err
	}
	return hotstate.RefuseTransfer(ctx, s.pool, transfer.ID, refusal(status))
}

func refusal(status ledger.Status) string {
	switch status {
	case ledger.StatusInsufficient, ledger.StatusForgotten: // a member who is gone is like one without points
		return Insufficient
	case ledger.StatusTooManyHolds:
		return TooManyHolds
	}
	return string(status)
}

// maxFolds bounds the transactions that prepare one spending: an account of 100,000 credits needs 200.
const maxFolds = 500

// everything is more points than any account has: all credits are to be folded for it.
const everything = math.MaxInt64 / 4

// spend tries with the credits that it takes by the view, which may be behind: then with all that one transaction folds, and
// where an account has more, folds them first.
func (s *Service) spend(ctx context.Context, account ledger.Account, points int64, try func(fold []string) (ledger.Status, error)) (ledger.Status, error) {
	var done []string
	want := points
	for range maxFolds {
		fold, err := hotstate.CreditsToFold(ctx, s.pool, account, want, ledger.MaxFold, done)
		if err != nil {
			return "", err
		}
		status, err := try(fold)
		switch {
		case err != nil:
			return "", err
		case status == ledger.StatusFoldFirst:
			err = s.foldDebits(ctx, account)
		case status == ledger.StatusInsufficient && len(fold) == ledger.MaxFold:
			err = s.foldCredits(ctx, account, fold)
			done = append(done, fold...)
		case status == ledger.StatusInsufficient && want != everything:
			want = everything
		default:
			return status, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("spend: %w after %d transactions that fold", errRefused, maxFolds)
}

func (s *Service) foldCredits(ctx context.Context, account ledger.Account, fold []string) error {
	_, err := s.fold(ctx, ledger.FoldRequest{Account: account.String(), Fold: fold})
	return err
}

// foldDebits folds until no debit is left, which also lets go of holds and points whose time is over.
func (s *Service) foldDebits(ctx context.Context, account ledger.Account) error {
	for range maxFolds {
		answer, err := s.fold(ctx, ledger.FoldRequest{Account: account.String()})
		if err != nil || !answer.More {
			return err
		}
	}
	return fmt.Errorf("fold debits: %w after %d transactions", errRefused, maxFolds)
}

func (s *Service) fold(ctx context.Context, request ledger.FoldRequest) (ledger.FoldAnswer, error) {
	return call(ctx, s, "FoldAccount", request, func(a ledger.FoldAnswer) bool {
		return a.Credits > 0 || a.Debits > 0 || a.Lapsed > 0 || a.Expired > 0
	})
}
