package recorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// errWaits says that what is left of a batch cannot be recorded as things are, and is to be tried again by itself.
var errWaits = errors.New("tickets wait by themselves")

// record brings a batch to the ledger that has no envelope yet.
func (r *Recorder) record(ctx context.Context, j job) error {
	batch, err := r.prepare(ctx, j)
	if err != nil {
		return err
	}
	if len(batch.submissions) == 0 {
		return hotstate.CommitBatch(ctx, r.pool, j.ID)
	}
	encoded, err := batch.encode()
	if err != nil {
		return r.narrow(ctx, j, batch.ids, err)
	}
	endorsed, err := r.ledger.Endorse(ctx, encoded)
	if errors.Is(err, fabric.ErrPermanent) {
		return r.narrow(ctx, j, batch.ids, err)
	}
	if err != nil {
		return err
	}
	answer, err := ledger.DecodeAnswer(endorsed.Answer, len(batch.submissions))
	if err != nil {
		return err
	}
	if err := r.countedAsMeant(batch, answer); err != nil {
		return err
	}
	news, err := r.sort(ctx, batch, answer)
	if err != nil {
		return err
	}
	if news == 0 {
		return hotstate.CommitBatch(ctx, r.pool, j.ID)
	}
	j.TransactionID, j.Envelope = endorsed.TransactionID, endorsed.Envelope
	err = pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		if err := hotstate.KeepRemarks(ctx, tx, batch.remarks(answer)); err != nil {
			return err
		}
		return hotstate.StoreEnvelope(ctx, tx, j.Batch)
	})
	if err != nil {
		return err
	}
	return r.settle(ctx, j.Batch)
}

// prepare seals what can be sealed, rejects what cannot be read, and sets apart what cannot be sealed now.
func (r *Recorder) prepare(ctx context.Context, j job) (sealedBatch, error) {
	if j.tickets == nil { // taken over, or halved
		var err error
		if j.tickets, err = hotstate.TicketsOfBatch(ctx, r.pool, j.ID); err != nil {
			return sealedBatch{}, err
		}
	}
	batch := r.commit(j.tickets)
	r.link(ctx, &batch)
	if err := r.convert(ctx, &batch); err != nil {
		return sealedBatch{}, err
	}
	if err := r.seal(&batch); err != nil {
		return sealedBatch{}, err
	}
	if err := r.reject(ctx, batch.unreadable); err != nil {
		return sealedBatch{}, err
	}
	if len(batch.stuck) == 0 {
		return batch, nil
	}
	if len(batch.submissions) == 0 {
		return sealedBatch{}, fmt.Errorf("%w: %w", errWaits, batch.fault)
	}
	r.logFailure(ctx, "seal some tickets of", batch.fault)
	return batch, hotstate.SetApart(ctx, r.pool, j.ID, batch.stuck, r.wait(j))
}

// narrow goes on with one half of a batch that is refused as a whole; the other half is free for any recorder.
func (r *Recorder) narrow(ctx context.Context, j job, tickets []int64, refusal error) error {
	if r.Conversions != nil {
		r.Conversions.Changed() // the chaincode may want a conversion by rules that we have not read yet
	}
	if len(tickets) == 1 {
		return fmt.Errorf("%w: %w", errWaits, refusal)
	}
	r.slowDown(ctx, refusal)
	if err := hotstate.SetApart(ctx, r.pool, j.ID, tickets[len(tickets)/2:], 0); err != nil {
		return err
	}
	j.tickets = nil
	return r.record(ctx, j)
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
