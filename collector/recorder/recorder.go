// Package recorder brings accepted tickets from the hot state to the ledger.
//
// It claims a batch, has it judged and signed by both organisations, stores the signed envelope, submits it and waits
// for the block. What it knows is in PostgreSQL before it acts on it, so any recorder can carry on where another one
// died: a batch without envelope is given up and its tickets claimed anew; an envelope is submitted again, the very same
// one, until the ledger says what became of it. A ticket that reaches the ledger twice on such a way is recognised by its
// key there. More recorders, in one process or several, share the work.
package recorder

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/hotstate"
)

// A Ledger judges batches and takes transactions.
type Ledger interface {
	Endorse(ctx context.Context, batch []byte) (fabric.Endorsed, error)
	Submit(ctx context.Context, envelope []byte) (fabric.Commit, error)
}

// Keys are the secrets that tickets are sealed under.
type Keys interface {
	Member(loyaltyID string) (keyring.Member, error)
	Period(p sealed.Period) (keyring.Period, error)
	Reference(retailerID, transactionID string) [32]byte
}

// Config bounds the work. The zero value is not useful; see DefaultConfig.
type Config struct {
	BatchSize int           // tickets in a transaction, at most
	BatchAge  time.Duration // how long a ticket waits for others to fill its batch
	InFlight  int           // batches at once; below the peer's limit of concurrent calls
	Lease     time.Duration // after which the batches of a dead recorder are taken over
	Deadline  time.Duration // how long one envelope is submitted again before its tickets are endorsed anew
	Retry     time.Duration // the first pause after a failure; it doubles up to 32 times
}

// DefaultConfig is what was measured to be quick without crowding a small peer.
var DefaultConfig = Config{
	BatchSize: 500,
	BatchAge:  100 * time.Millisecond,
	InFlight:  6,
	Lease:     30 * time.Second,
	Deadline:  2 * time.Minute,
	Retry:     200 * time.Millisecond,
}

// idle is how often an idle recorder looks for tickets: it bounds the wait of a single ticket.
const idle = 50 * time.Millisecond

// A Recorder is run once.
type Recorder struct {
	pool   *pgxpool.Pool
	ledger Ledger
	keys   Keys
	config Config
	now    func() time.Time
	metrics
}

// New makes a recorder.
func New(pool *pgxpool.Pool, ledger Ledger, keys Keys, config Config) *Recorder {
	return &Recorder{pool: pool, ledger: ledger, keys: keys, config: config, now: time.Now, metrics: newMetrics()}
}

// Run works until the context ends, and then hands its batches back for others to take over.
func (r *Recorder) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	slots := make(chan struct{}, r.config.InFlight)
	failures := 0
	for ctx.Err() == nil {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		work, err := r.next(ctx)
		if err != nil {
			<-slots
			if !errors.Is(err, hotstate.ErrNotFound) {
				failures++
				r.logFailure(ctx, "claim", err)
				pause(ctx, r.backoff(failures))
				continue
			}
			pause(ctx, idle)
			continue
		}
		failures = 0
		workers.Go(func() {
			defer func() { <-slots }()
			r.work(ctx, work)
		})
	}
}

// A job is a batch, with its tickets if it was claimed just now.
type job struct {
	hotstate.Batch
	tickets []hotstate.TicketToRecord
}

// next takes over a batch left behind, or claims a new one.
func (r *Recorder) next(ctx context.Context) (job, error) {
	left, err := hotstate.TakeOverBatch(ctx, r.pool, r.config.Lease)
	if err == nil {
		slog.InfoContext(ctx, "taking a batch over", "batch", left.ID, "txId", left.TransactionID)
		return job{Batch: left}, nil
	}
	if !errors.Is(err, hotstate.ErrNotFound) {
		return job{}, err
	}
	var claimed job
	err = pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		var err error
		claimed.Batch, claimed.tickets, err = hotstate.ClaimBatch(ctx, tx, r.config.BatchSize, r.config.BatchAge, r.config.Lease)
		return err
	})
	return claimed, err
}

// work carries a batch through and renews the lease meanwhile. When the work fails for a reason that may pass, the
// tickets go back.
func (r *Recorder) work(ctx context.Context, j job) {
	r.started()
	defer r.ended()
	leased, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(leased, cancel, j.ID) })
	defer renewing.Wait()
	defer cancel()

	var err error
	if j.Envelope == nil {
		err = r.record(leased, j)
	} else {
		err = r.settle(leased, j.Batch)
	}
	switch {
	case err == nil, errors.Is(err, hotstate.ErrLeaseLost):
	case ctx.Err() != nil:
		r.handBack(ctx, j.ID)
	case leased.Err() == nil:
		r.giveUp(leased, j.ID, err)
	}
}

// renew keeps the lease while the batch is worked on, and stops the work when another recorder has it.
func (r *Recorder) renew(ctx context.Context, stop context.CancelFunc, batchID int64) {
	for pause(ctx, r.config.Lease/3) {
		err := hotstate.RenewLease(ctx, r.pool, batchID, r.config.Lease)
		if errors.Is(err, hotstate.ErrLeaseLost) {
			stop()
			return
		}
	}
}

// giveUp releases a batch's tickets after a failure and a pause.
func (r *Recorder) giveUp(ctx context.Context, batchID int64, cause error) {
	r.logFailure(ctx, "record", cause)
	r.failed()
	pause(ctx, r.backoff(r.consecutiveFailures()))
	err := hotstate.ReleaseBatch(context.WithoutCancel(ctx), r.pool, batchID, cause.Error())
	if err != nil && !errors.Is(err, hotstate.ErrLeaseLost) {
		r.logFailure(ctx, "release", err) // its lease will run out
	}
}

// handBack ends the lease of a batch when we are told to stop: an envelope on its way keeps its one chance with whoever
// takes it over.
func (r *Recorder) handBack(ctx context.Context, batchID int64) {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := hotstate.RenewLease(after, r.pool, batchID, 0); err != nil && !errors.Is(err, hotstate.ErrLeaseLost) {
		slog.WarnContext(after, "recorder: could not hand a batch back; its lease will run out", "batch", batchID, "error", err)
	}
}

func (r *Recorder) logFailure(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		slog.ErrorContext(ctx, "recorder: could not "+what+" a batch; it will be tried again", "error", err)
	}
}

func (r *Recorder) backoff(failures int) time.Duration {
	return r.config.Retry << min(max(failures-1, 0), 5)
}

// pause waits, and is false if the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
