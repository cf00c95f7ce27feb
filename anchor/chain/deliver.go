package chain

import (
	"bytes"
	"context"
	"time"
)

// Deliver brings a call to the chain for somebody who waits: it sends it, and sends it again as Again does, until done says
// that what it is for is there. What else waits in the account's slot is replaced.
func (a *Account) Deliver(ctx context.Context, call Call, pause time.Duration, done func(ctx context.Context) (bool, error)) error {
	for {
		if there, err := done(ctx); there || err != nil {
			return err
		}
		slot, err := a.Slot(ctx)
		if err != nil {
			return err
		}
		if slot.holds(call) {
			_, err = a.Again(ctx, slot)
		} else {
			_, err = a.Send(ctx, slot, call)
		}
		if err != nil {
			// It may have arrived since done was asked, and is refused a second time.
			if there, again := done(ctx); again == nil && there {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// holds says whether the slot's transaction is for this call.
func (s Slot) holds(call Call) bool {
	if s.Sent == nil || (s.Sent.To() == nil) != (call.To == nil) || call.To != nil && *s.Sent.To() != *call.To {
		return false
	}
	return bytes.Equal(s.Sent.Data(), call.Data)
}
