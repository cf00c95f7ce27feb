package recorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// record brings a claimed batch to the ledger for the first time.
func (r *Recorder) record(ctx context.Context, j job) error {
	if j.tickets == nil { // taken over before it was endorsed
		var err error
		if j.tickets, err = hotstate.TicketsOfBatch(ctx, r.pool, j.ID); err != nil {
			return err
		}
	}
	batch, refused, err := r.seal(j.tickets)
	if err != nil {
		return err
	}
	if err := r.reject(ctx, refused); err != nil {
		return err
	}
	if len(batch.submissions) == 0 {
		return hotstate.ReleaseBatch(ctx, r.pool, j.ID, "no ticket of it can be recorded")
	}
	encoded, err := ledger.EncodeBatch(batch.submissions)
	if err != nil {
		return err
	}
	endorsed, err := r.ledger.Endorse(ctx, encoded)
	if err != nil {
		return err
	}
	answer, err := ledger.DecodeAnswer(endorsed.Answer, len(batch.submissions))
	if err != nil {
		return err
	}
	news, err := r.sort(ctx, batch, answer)
	if err != nil {
		return err
	}
	if news == 0 {
		return hotstate.ReleaseBatch(ctx, r.pool, j.ID, "every ticket of it was on the ledger, or is refused")
	}
	j.TransactionID, j.Envelope = endorsed.TransactionID, endorsed.Envelope
	if err := hotstate.StoreEnvelope(ctx, r.pool, j.Batch); err != nil {
		return err
	}
	return r.settle(ctx, j.Batch)
}

// sort acts on what the chaincode says of each ticket, and counts those that the transaction would record. A conflict
// and a refusal rest on the ledger as it is, and are final.
func (r *Recorder) sort(ctx context.Context, batch sealedBatch, answer ledger.Answer) (news int, err error) {
	rejected := make(map[int64]string)
	var there []int64
	for i, id := range batch.ids {
		switch ledger.Outcome(answer.Outcomes[i]) {
		case ledger.Recorded:
			news++
		case ledger.Already:
			there = append(there, id)
		case ledger.Conflict:
			rejected[id] = "conflict: the ledger has other content under this store, till, business day and sequence number"
		case ledger.Refused:
			rejected[id] = "refused: " + answer.Reasons[i]
		default:
			return 0, fmt.Errorf("answer to a batch: outcome %q is not known here", answer.Outcomes[i])
		}
	}
	if err := r.reject(ctx, rejected); err != nil {
		return 0, err
	}
	if len(there) > 0 {
		err = hotstate.SettleTickets(ctx, r.pool, there)
	}
	return news, err
}

func (r *Recorder) reject(ctx context.Context, reasons map[int64]string) error {
	if len(reasons) == 0 {
		return nil
	}
	slog.WarnContext(ctx, "recorder: tickets rejected", "count", len(reasons))
	r.rejected(len(reasons))
	return hotstate.RejectTickets(ctx, r.pool, reasons)
}

// errInvalid says that the ledger did not take a transaction, which as a rule another one overtook.
var errInvalid = errors.New("the transaction is not valid")

// settle submits an envelope until the ledger says what became of it. Submitting again what was submitted already is
// harmless: the ledger takes a transaction id once.
func (r *Recorder) settle(ctx context.Context, batch hotstate.Batch) error {
	deadline := time.Now().Add(r.config.Deadline)
	for failures := 1; ; failures++ {
		commit, err := r.ledger.Submit(ctx, batch.Envelope)
		switch {
		case err == nil && commit.Valid:
			r.succeeded()
			return hotstate.CommitBatch(ctx, r.pool, batch.ID)
		case err == nil:
			return fmt.Errorf("%s: %w: %s", batch.TransactionID, errInvalid, commit.Code)
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("outcome unknown since %v, endorsing anew: %w", r.config.Deadline, err)
		}
		r.logFailure(ctx, "submit", err)
		pause(ctx, r.backoff(failures))
	}
}
