package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/tillproof/tillproof/network/peerblocks"
	"github.com/tillproof/tillproof/witness/witness"
)

// restart is the pause after the stream of blocks broke.
const restart = time.Second

// A follower keeps the witness's log up with its own peer.
type follower struct {
	peer    *peerblocks.Peer
	witness *witness.Witness
	failure atomic.Pointer[error]
}

func (f *follower) run(ctx context.Context) {
	for ctx.Err() == nil {
		slog.InfoContext(ctx, "following our peer", "from", f.witness.Next())
		f.failure.Store(nil)
		err := f.peer.Follow(ctx, f.witness.Next(), f.witness.Append)
		if ctx.Err() != nil {
			return
		}
		f.failure.Store(&err)
		slog.ErrorContext(ctx, "following our peer: starting again", "error", err)
		timer := time.NewTimer(restart)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

func (f *follower) ready(context.Context) error {
	if failure := f.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}
