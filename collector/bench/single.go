package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/recorder"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

const (
	singlesASecond = 500             // more than any machine records one by one
	singleLease    = 5 * time.Minute // for as long the collector leaves these tickets to us; to longer ones it gives no credit
	singleTries    = 5
)

// single brings tickets to the ledger one to a transaction: endorsed by both organisations, ordered, awaited. They are
// accepted and sealed before the clock runs, so what is compared is the ledger alone. What is left over at the end the
// collector records.
func (s *system) single(ctx context.Context, inFlight int, during time.Duration) (Throughput, error) {
	batchID, batches, err := s.reserve(ctx, int(singlesASecond*during.Seconds()))
	if err != nil {
		return Throughput{}, err
	}
	began := time.Now()
	deadline := began.Add(during)
	var next, recorded atomic.Int64
	errs := make([]error, inFlight)
	var senders sync.WaitGroup
	for sender := range inFlight {
		senders.Go(func() {
			for time.Now().Before(deadline) && errs[sender] == nil {
				i := next.Add(1) - 1
				if i >= int64(len(batches)) {
					return
				}
				if errs[sender] = s.recordOne(ctx, batches[i]); errs[sender] == nil {
					recorded.Add(1)
				}
			}
		})
	}
	senders.Wait()
	ended, err := s.awaitView(ctx, batchID, len(batches)-int(recorded.Load()))
	if err != nil {
		return Throughput{}, err
	}
	if err := hotstate.ReleaseBatch(ctx, s.pool, batchID, "measured one by one"); err != nil {
		return Throughput{}, err
	}
	for _, err := range errs {
		if err != nil {
			return Throughput{}, err
		}
	}
	result := throughput(int(recorded.Load()), ended.Sub(began))
	_, err = s.awaitLanded(ctx)
	return result, err
}

// reserve accepts tickets and takes them into one batch of the hot state in one commit, so that no recorder gets at them. It
// gives what records each of them alone.
func (s *system) reserve(ctx context.Context, n int) (batchID int64, batches [][]byte, err error) {
	rows := make([]hotstate.NewTicket, n)
	for i := range rows {
		if rows[i], err = s.row(s.work.next()); err != nil {
			return 0, nil, err
		}
	}
	var tickets []hotstate.TicketToRecord
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for chunk := range slices.Chunk(rows, 500) {
			if _, err := hotstate.InsertTickets(ctx, tx, chunk, time.Now()); err != nil {
				return err
			}
		}
		batch, claimed, err := hotstate.ClaimBatch(ctx, tx, 0, hotstate.BatchSize{Tickets: n, Bytes: 1 << 40}, singleLease)
		batchID, tickets = batch.ID, claimed
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	for i := range tickets {
		batch, err := recorder.Seal(s.keys, tickets[i])
		if err != nil {
			return 0, nil, err
		}
		batches = append(batches, batch)
	}
	return batchID, batches, nil
}

func (s *system) row(text []byte) (hotstate.NewTicket, error) {
	t, err := ticket.Decode(text)
	if err != nil {
		return hotstate.NewTicket{}, err
	}
	key := s.keys.TicketKey(retailer, t.StoreID, t.WorkstationID, string(t.BusinessDayDate), t.SequenceNumber)
	canonical := t.Canonical()
	return hotstate.NewTicket{
		RetailerID: retailer, TransactionID: t.TransactionID, StoreID: t.StoreID, WorkstationID: t.WorkstationID,
		BusinessDay: string(t.BusinessDayDate), SequenceNumber: t.SequenceNumber,
		TicketKey: key[:], ContentMAC: s.keys.ContentMAC(canonical), LoyaltyID: t.LoyaltyID, Seed: randomSeed(), Body: canonical,
	}, nil
}

func (s *system) recordOne(ctx context.Context, batch []byte) (err error) {
	for range singleTries {
		endorsed, failure := s.ledger.Endorse(ctx, batch)
		if failure == nil {
			commit, failed := s.ledger.Submit(ctx, endorsed.Envelope)
			if failed == nil && commit.Valid {
				return nil
			}
			failure = fmt.Errorf("%w %s", failed, commit.Code)
		}
		err = failure
	}
	return fmt.Errorf("record one ticket: %w", err)
}

// awaitView waits until so many of a batch's tickets are left, and both peers have what the view has.
func (s *system) awaitView(ctx context.Context, batchID int64, left int) (time.Time, error) {
	deadline := time.Now().Add(landWithin)
	for time.Now().Before(deadline) {
		tickets, err := hotstate.TicketsOfBatch(ctx, s.pool, batchID)
		if err != nil {
			return time.Time{}, err
		}
		if len(tickets) <= left {
			if have, err := s.peersHave(ctx); err != nil || have {
				return time.Now(), err
			}
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, errNotLanded
}
