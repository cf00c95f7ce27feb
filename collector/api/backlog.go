package api

import (
	"context"
	"errors"
	"time"
)

// A file waits for the ledger to catch up, looking again and again. Past roomWithin it is broken off, so that the caller
// hears why nothing moves before somebody in between cuts the connection; what was answered holds.
const (
	roomEvery  = 100 * time.Millisecond
	roomWithin = 30 * time.Second
)

var errBehind = errors.New("the ledger does not catch up")

// awaitRoom slows the file down while half of the backlog's room is taken; the rest is for single tickets.
func (u *upload) awaitRoom(ctx context.Context) error {
	if u.server.Backlog == nil {
		return nil
	}
	look := time.NewTicker(roomEvery)
	defer look.Stop()
	giveUp := time.NewTimer(roomWithin)
	defer giveUp.Stop()
	for u.server.Backlog.HalfFull() {
		select {
		case <-look.C:
		case <-giveUp.C:
			return errBehind
		case <-u.server.Stopping:
			return errStopping
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
