package spending

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/hotstate"
)

// Why a request is turned away before the ledger is asked.
var (
	ErrKeyReused = errors.New("the idempotency key was used for another body")
	ErrCodeUsed  = errors.New("the member code was used before")
	ErrUnknown   = errors.New("the member is not known")
)

// A Request is who asks, under which key, and with which body.
type Request struct {
	Caller, Key string
	Body        []byte
}

func (s *Service) request(r Request) hotstate.SpendingRequest {
	return hotstate.SpendingRequest{Caller: r.Caller, Key: r.Key, BodyHash: s.keys.ContentMAC(r.Body)}
}

// Redeem asks for points to be held, and waits for a while until the ledger has decided. The redemption has an id, a store, a
// member, points and a currency; memberCode is the code that named the member, empty if none did. The same request again
// finds the redemption that it made the first time.
func (s *Service) Redeem(ctx context.Context, r hotstate.Redemption, memberCode string, by Request) (hotstate.Redemption, error) {
	request := s.request(by)
	if found, err := s.redeemed(ctx, request); !errors.Is(err, hotstate.ErrNotFound) {
		return found, err
	}
	if known, err := hotstate.MemberIsKnown(ctx, s.pool, r.LoyaltyID); err != nil || !known {
		return r, errors.Join(err, ErrUnknown)
	}
	r.ID = uuid.NewString()
	var codeHash []byte
	if memberCode != "" {
		codeHash = s.keys.ContentMAC([]byte(memberCode))
	}
	var inserted, codeUsed bool
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var err error
		if inserted, codeUsed, err = hotstate.InsertRedemption(ctx, tx, r, request, codeHash); err != nil || !inserted {
			return err
		}
		return hotstate.AddOrder(ctx, tx, r.LoyaltyID, hotstate.OrderHold, r.ID)
	})
	switch {
	case err != nil:
		return r, err
	case codeUsed:
		return r, ErrCodeUsed
	case !inserted: // another request with the key was quicker
		return s.redeemed(ctx, request)
	}
	return s.awaitRedemption(ctx, r.ID, decided)
}

// redeemed finds the redemption of an earlier request with the key.
func (s *Service) redeemed(ctx context.Context, request hotstate.SpendingRequest) (hotstate.Redemption, error) {
	r, bodyHash, err := hotstate.RedemptionByRequest(ctx, s.pool, request)
	if err != nil {
		return r, err
	}
	if !sameBody(bodyHash, request.BodyHash) {
		return r, ErrKeyReused
	}
	return s.awaitRedemption(ctx, r.ID, decided)
}

// sameBody compares hashes of bodies. Where the member was forgotten none is kept, and the key alone says what was meant.
func sameBody(kept, now []byte) bool { return len(kept) == 0 || bytes.Equal(kept, now) }

func decided(r hotstate.Redemption) bool { return r.State != "" || r.Refusal != "" }

// Redemption reads a redemption.
func (s *Service) Redemption(ctx context.Context, id string) (hotstate.Redemption, error) {
	return hotstate.RedemptionByID(ctx, s.pool, id)
}

// Capture pays with what a redemption holds, and waits for a while until the ledger has it.
func (s *Service) Capture(ctx context.Context, r hotstate.Redemption) (hotstate.Redemption, error) {
	return s.end(ctx, r, hotstate.OrderCapture)
}

// Release gives back what a redemption holds, and waits for a while until the ledger has it.
func (s *Service) Release(ctx context.Context, r hotstate.Redemption) (hotstate.Redemption, error) {
	return s.end(ctx, r, hotstate.OrderRelease)
}

func (s *Service) end(ctx context.Context, r hotstate.Redemption, action string) (hotstate.Redemption, error) {
	if r.State != account.Held.String() || r.LoyaltyID == "" {
		return r, nil
	}
	if err := hotstate.AddOrder(ctx, s.pool, r.LoyaltyID, action, r.ID); err != nil {
		return r, err
	}
	return s.awaitRedemption(ctx, r.ID, func(r hotstate.Redemption) bool { return r.State != account.Held.String() })
}

// patience is how long a till waits for the ledger; look is between looks at what the projector has shown meanwhile.
const (
	patience = 3 * time.Second
	look     = 20 * time.Millisecond
)

func (s *Service) awaitRedemption(ctx context.Context, id string, done func(hotstate.Redemption) bool) (hotstate.Redemption, error) {
	return await(ctx, done, func() (hotstate.Redemption, error) { return hotstate.RedemptionByID(ctx, s.pool, id) })
}

// await reads until what is read is as wanted, or patience ends: then it gives what there is.
func await[R any](ctx context.Context, done func(R) bool, read func() (R, error)) (R, error) {
	for deadline := time.Now().Add(patience); ; {
		r, err := read()
		if err != nil || done(r) || time.Now().After(deadline) || !pause(ctx, look) {
			return r, err
		}
	}
}
