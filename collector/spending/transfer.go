package spending

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// Transfer asks for points to go from one member to another, and waits for a while until the ledger has decided. The same
// request again finds the transfer that it made the first time.
func (s *Service) Transfer(ctx context.Context, t hotstate.Transfer, by Request) (hotstate.Transfer, error) {
	request := s.request(by)
	if found, err := s.transferred(ctx, request); !errors.Is(err, hotstate.ErrNotFound) {
		return found, err
	}
	if known, err := hotstate.MemberIsKnown(ctx, s.pool, t.From); err != nil || !known { // forgotten, while the token is still good
		t.Refusal = Insufficient
		return t, err
	}
	if known, err := hotstate.MemberIsKnown(ctx, s.pool, t.To); err != nil || !known {
		return t, errors.Join(err, ErrUnknown)
	}
	t.ID = uuid.NewString()
	inserted := false
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var err error
		if inserted, err = hotstate.InsertTransfer(ctx, tx, t, request); err != nil || !inserted {
			return err
		}
		return hotstate.AddOrder(ctx, tx, t.From, hotstate.OrderTransfer, t.ID)
	})
	if err != nil {
		return t, err
	}
	if !inserted { // another request with the key was quicker
		return s.transferred(ctx, request)
	}
	return s.awaitTransfer(ctx, t.ID)
}

func (s *Service) transferred(ctx context.Context, request hotstate.SpendingRequest) (hotstate.Transfer, error) {
	t, bodyHash, err := hotstate.TransferByRequest(ctx, s.pool, request)
	if err != nil {
		return t, err
	}
	if !sameBody(bodyHash, request.BodyHash) {
		return t, ErrKeyReused
	}
	return s.awaitTransfer(ctx, t.ID)
}

func (s *Service) awaitTransfer(ctx context.Context, id string) (hotstate.Transfer, error) {
	return await(ctx, func(t hotstate.Transfer) bool { return t.Done || t.Refusal != "" },
		func() (hotstate.Transfer, error) { return hotstate.TransferByID(ctx, s.pool, id) })
}
