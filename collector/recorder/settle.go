package recorder

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

const (
	settleEvery = 500 * time.Millisecond // between looks for originals that have come
	settleLease = time.Minute            // within it nobody else settles the same
	longestWait = time.Hour

	settledAtOnce = 100 // undoes a transaction: few enough to be overtaken seldom
)

// settleWaiting settles undoes whose originals came after them, until the context ends. To settle twice is harmless: the
// ledger knows what was taken back.
func (r *Recorder) settleWaiting(ctx context.Context) {
	for pause(ctx, settleEvery) {
		waiting, err := hotstate.TakeWaitingUndoes(ctx, r.pool, settledAtOnce, settleLease)
		if err == nil && len(waiting) > 0 {
			err = r.settleUndoes(ctx, waiting)
		}
		if err != nil {
			r.logFailure(ctx, "settle the undoes of", err)
		}
	}
}

// settleUndoes brings a batch of undoes to the ledger, and ends the waiting of those that are done.
func (r *Recorder) settleUndoes(ctx context.Context, waiting []hotstate.WaitingUndo) error {
	batch, err := r.reopen(ctx, waiting)
	if err != nil || len(batch) == 0 {
		return err
	}
	encoded, err := ledger.EncodeBatch(ledger.Batch{Submissions: batch})
	if err != nil {
		return err
	}
	endorsed, err := r.ledger.EndorseSettlement(ctx, encoded)
	if err != nil {
		return err
	}
	answer, err := ledger.DecodeAnswer(endorsed.Answer, len(batch))
	if err != nil {
		return err
	}
	if strings.Contains(answer.Outcomes, string(rune(ledger.Recorded))) {
		commit, err := r.ledger.Submit(ctx, endorsed.Envelope)
		if err != nil {
			return err
		}
		if !commit.Valid { // overtaken by what else changed one of the purchases
			return r.settleSoon(ctx, waiting)
		}
	}
	attempts := make(map[ledger.TicketKey]int, len(waiting))
	for _, undo := range waiting {
		attempts[undo.TicketKey] = undo.Attempts
	}
	for i := range batch {
		if err := r.settled(ctx, batch[i].Key, answer.Flags[i], attempts[batch[i].Key]); err != nil {
			return err
		}
	}
	return nil
}

// settleSoon lets undoes that were overtaken not wait for the end of their lease.
func (r *Recorder) settleSoon(ctx context.Context, waiting []hotstate.WaitingUndo) error {
	for _, undo := range waiting {
		if err := hotstate.WaitOn(ctx, r.pool, undo.TicketKey, 0); err != nil {
			return err
		}
	}
	return nil
}

func (r *Recorder) settled(ctx context.Context, key ledger.TicketKey, flags string, attempts int) error {
	if strings.Contains(flags, string(rune(ledger.Waits))) { // for another original, or for what that one undoes
		return hotstate.WaitOn(ctx, r.pool, key, min(time.Second<<min(attempts, 12), longestWait))
	}
	return hotstate.EndWaiting(ctx, r.pool, key)
}

// reopen rebuilds the openings of recorded tickets with their originals, in the order of ticket keys. For a forgotten member
// nothing is left to undo.
func (r *Recorder) reopen(ctx context.Context, waiting []hotstate.WaitingUndo) ([]ledger.Submission, error) {
	var batch []ledger.Submission
	for _, undo := range waiting {
		opened, err := r.originals.Open(ctx, undo.TicketKey)
		if errors.Is(err, keyring.ErrForgotten) {
			slog.WarnContext(ctx, "recorder: an undo of a forgotten member is given up", "ticketKey", ledger.TicketKey(undo.TicketKey).String())
			if err := hotstate.EndWaiting(ctx, r.pool, undo.TicketKey); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		found, err := r.originals.Of(ctx, opened.RetailerID, opened.Ticket, opened.Opening)
		if err != nil {
			return nil, err
		}
		batch = append(batch, ledger.Submission{
			Key: undo.TicketKey, Commitment: opened.Opening.Root(), Points: opened.Opening, Originals: found.Originals,
		})
	}
	slices.SortFunc(batch, func(a, b ledger.Submission) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return batch, nil
}
