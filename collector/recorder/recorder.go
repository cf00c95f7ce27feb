// Package recorder brings accepted tickets from the hot state to the ledger.
//
// It claims a batch, has it judged and signed by both organisations, stores the signed envelope, submits it and waits
// for the block. What it knows is in PostgreSQL before it acts on it, so any recorder can carry on where another one
// died: a batch without envelope is judged anew; an envelope is submitted again, the very same one, until the ledger says
// what became of it. A ticket that reaches the ledger twice on such a way is recognised by its key there. More recorders,
// in one process or several, share the work.
//
// No ticket holds up others for good. One that the ledger refuses is rejected; one that cannot be sealed now is set apart;
// a batch that the chaincode refuses as a whole is halved until what it refuses stands alone and waits, since the fault
// may as well be in a configuration that somebody mends.
//
// Tickets that undo others or redeem points read accounts before they change them: they go in small batches of their own,
// with the openings of the tickets that they undo. Where one of these is not recorded yet, the ticket is recorded all the
// same, and what it undoes is settled when the other one is.
package recorder

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/originals"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/hotstate"
)

// A Ledger judges batches and takes transactions.
type Ledger interface {
	Endorse(ctx context.Context, batch []byte) (fabric.Endorsed, error)
	EndorseSettlement(ctx context.Context, batch []byte) (fabric.Endorsed, error)
	Submit(ctx context.Context, envelope []byte) (fabric.Commit, error)
	originals.Bodies
}

// Keys are the secrets that tickets are sealed under.
type Keys interface {
	Member(loyaltyID string) (keyring.Member, error)
	Period(p sealed.Period) (keyring.Period, error)
	originals.Keys
}

// Config bounds the work. The zero value is not useful; see DefaultConfig.
type Config struct {
	Batch    hotstate.BatchSize
	Linked   int           // tickets of a batch that undoes or redeems
	InFlight int           // batches at once; below the peer's limit of concurrent calls
	Lease    time.Duration // after which the batches of a dead recorder are taken over
	Deadline time.Duration // how long one envelope is submitted again before its tickets are endorsed anew
	Retry    time.Duration // the first pause after a failure; it doubles up to 32 times
}

// DefaultConfig is what was measured to be quick without crowding a small peer.
var DefaultConfig = Config{
	// Bytes keeps an endorsement, and a block with the bodies of some batches beside it, below the limits of gRPC.
	Batch:    hotstate.BatchSize{Tickets: 500, Bytes: 2 << 20, Wait: 100 * time.Millisecond},
	Linked:   20,
	InFlight: 6,
	Lease:    30 * time.Second,
	Deadline: 2 * time.Minute,
	Retry:    200 * time.Millisecond,
}

// idle is how often an idle recorder looks for tickets: it bounds the wait of a single ticket.
const idle = 50 * time.Millisecond

// A Recorder is run once.
type Recorder struct {
	Memory      *unsealed.Memory // for a projector in this process; nil: none
	Conversions Conversions      // nil: none are given, which is enough for a programme without a currency

	pool      *pgxpool.Pool
	ledger    Ledger
	keys      Keys
	originals *originals.Finder
	config    Config
	now       func() time.Time
	metrics

	// Of Run alone, which claims one batch after the other.
	claimed    int64 // id of the last ticket claimed
	lookedBack time.Time
}

// New makes a recorder.
func New(pool *pgxpool.Pool, ledger Ledger, keys Keys, config Config) *Recorder {
	return &Recorder{
		pool: pool, ledger: ledger, keys: keys, originals: originals.NewFinder(pool, ledger, keys), config: config,
		now: time.Now, metrics: newMetrics(),
	}
}

// Run works until the context ends, and then hands its batches back for others to take over.
func (r *Recorder) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	workers.Go(func() { r.settleWaiting(ctx) })
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

// work carries a batch through, or sees to it that it goes on later.
func (r *Recorder) work(ctx context.Context, j job) {
	r.started()
	defer r.ended()
	err := r.underLease(ctx, j)
	switch {
	case err == nil, errors.Is(err, hotstate.ErrLeaseLost):
	case ctx.Err() != nil: // we are told to stop: an envelope on its way keeps its one chance with whoever takes it over
		r.leave(ctx, j.ID, 0)
	case errors.Is(err, errWaits):
		r.leave(ctx, j.ID, r.wait(j))
	default:
		r.release(ctx, j.ID, err)
	}
}

// underLease works on a batch and renews the lease meanwhile, to the end of the pause that follows a failure.
func (r *Recorder) underLease(ctx context.Context, j job) error {
	leased, cancel := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(leased, cancel, j.ID) })
	defer renewing.Wait()
	defer cancel(nil)

	err := r.carry(leased, j)
	if err != nil && leased.Err() == nil {
		r.slowDown(leased, err)
	}
	if ctx.Err() == nil && leased.Err() != nil {
		return context.Cause(leased)
	}
	return err
}

func (r *Recorder) carry(ctx context.Context, j job) error {
	if j.Envelope == nil {
		return r.record(ctx, j)
	}
	return r.settle(ctx, j.Batch)
}

// renew keeps the lease while the batch is worked on, and stops the work when another recorder has it.
func (r *Recorder) renew(ctx context.Context, stop context.CancelCauseFunc, batchID int64) {
	for pause(ctx, r.config.Lease/3) {
		err := hotstate.RenewLease(ctx, r.pool, batchID, r.config.Lease)
		if errors.Is(err, hotstate.ErrLeaseLost) {
			stop(err)
			return
		}
	}
}

// release gives a batch's tickets back, for new batches.
func (r *Recorder) release(ctx context.Context, batchID int64, cause error) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	r.logLeft(ctx, batchID, hotstate.ReleaseBatch(ctx, r.pool, batchID, cause.Error()))
}

// leave lets go of a batch as it is, for whoever takes it over when the time has passed.
func (r *Recorder) leave(ctx context.Context, batchID int64, wait time.Duration) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	r.logLeft(ctx, batchID, hotstate.RenewLease(ctx, r.pool, batchID, wait))
}

// wait is how long tickets that stand alone with their fault are left alone, longer each time.
func (r *Recorder) wait(j job) time.Duration { return r.config.Lease << min(j.Attempts, 3) }

// afterwards is a context for putting things in order, also when we are told to stop.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

func (r *Recorder) logLeft(ctx context.Context, batchID int64, err error) {
	if err != nil && !errors.Is(err, hotstate.ErrLeaseLost) {
		slog.WarnContext(ctx, "recorder: could not let go of a batch; its lease will run out", "batch", batchID, "error", err)
	}
}

// slowDown notes a failure and pauses, the longer the more failures there were since the last success.
func (r *Recorder) slowDown(ctx context.Context, err error) {
	r.logFailure(ctx, "record", err)
	r.failed()
	pause(ctx, r.backoff(r.consecutiveFailures()))
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
