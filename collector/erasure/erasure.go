// Package erasure forgets members.
//
// An erasure is a row of the book, which whichever collector comes first carries through, and any other carries on where
// that one died: every step can be made again. In this order
//
//	note      the pseudonym and the member's recorded tickets, which later steps need and nothing else tells any more
//	destroy   the member's key. From here on no body tells who they were, and the loyalty id is barred: nothing is sealed
//	          for it by any collector
//	take back accepted tickets that are not on the ledger. They go there as nobody's, without points; what is endorsed
//	          already is awaited. Orders to the ledger go as well; registration and logins went with the request
//	empty     the person parts on the ledger, chunk by chunk; both peers purge the old ones
//	fold      the account and mark it as forgotten: its holds end and its points expire
//	clear     the book and the view, once the view has come past all of this
//	readmit   the loyalty id
//
// Amounts, commitments, proofs of trade parts and sums stay, and so does the pseudonym in what the ledger has of it: it is
// then the name of nobody. A ticket accepted after the request waits for its end, and begins anew under another pseudonym, as
// with a member nobody has heard of: a card that is still used is no reason to lose a sale.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
)

// A Ledger answers questions, has calls judged, and takes the transactions that come of them.
type Ledger interface {
	Channel() string
	Evaluate(ctx context.Context, function string, arguments ...string) ([]byte, error)
	EndorseCall(ctx context.Context, function, argument string) (fabric.Endorsed, error)
	EndorseRewrite(ctx context.Context, request string, slots []byte) (fabric.Endorsed, error)
	Submit(ctx context.Context, envelope []byte) (fabric.Commit, error)
}

// Keys are what is destroyed.
type Keys interface {
	Index(loyaltyID string) string
	Find(loyaltyID string) (keyring.Member, error)
	Forget(loyaltyID, keyID string) error
	Readmit(index string) error
	ContentMAC(content []byte) []byte
}

// Config bounds the work.
type Config struct {
	Lease time.Duration // after which an erasure of a dead collector is taken by another
	Wait  time.Duration // between looks at what an erasure waits for
	Retry time.Duration // the first pause after a failure; it doubles up to 64 times
	Idle  time.Duration // between looks for erasures
}

// DefaultConfig suits a request now and then.
var DefaultConfig = Config{Lease: time.Minute, Wait: 500 * time.Millisecond, Retry: time.Second, Idle: time.Second}

// ErrUnknown says that nothing is held about a loyalty id, and nothing ever was that we were asked to forget.
var ErrUnknown = errors.New("the member is not known")

// A Service takes requests and carries them through.
type Service struct {
	pool   *pgxpool.Pool
	ledger Ledger
	keys   Keys
	config Config
}

// New makes a service.
func New(pool *pgxpool.Pool, ledger Ledger, keys Keys, config Config) *Service {
	return &Service{pool: pool, ledger: ledger, keys: keys, config: config}
}

// Request asks for a member to be forgotten. Where that is under way or done it gives what there is, unless something is
// known of the loyalty id again.
func (s *Service) Request(ctx context.Context, loyaltyID string) (hotstate.Erasure, error) {
	index := s.keys.Index(loyaltyID)
	last, err := hotstate.LastErasure(ctx, s.pool, index)
	if err == nil && last.State != hotstate.ErasureDone {
		return last, nil
	}
	if err != nil && !errors.Is(err, hotstate.ErrNotFound) {
		return last, err
	}
	known, failure := s.known(ctx, loyaltyID)
	switch {
	case failure != nil:
		return last, failure
	case known:
		return s.begin(ctx, index, loyaltyID)
	case err != nil:
		return last, ErrUnknown
	}
	return last, nil
}

// begin ends registration and logins at once; the rest takes its time.
func (s *Service) begin(ctx context.Context, index, loyaltyID string) (begun hotstate.Erasure, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if begun, err = hotstate.BeginErasure(ctx, tx, index, loyaltyID); err != nil {
			return err
		}
		return hotstate.ForgetRegistration(ctx, tx, loyaltyID)
	})
	return begun, err
}

func (s *Service) known(ctx context.Context, loyaltyID string) (bool, error) {
	known, err := hotstate.KnowsMember(ctx, s.pool, loyaltyID)
	if err != nil || known {
		return known, err
	}
	_, err = s.keys.Find(loyaltyID)
	if errors.Is(err, keyring.ErrUnknown) {
		return false, nil
	}
	return err == nil, err
}

// Run carries erasures through, one at a time, until the context ends.
func (s *Service) Run(ctx context.Context) {
	for ctx.Err() == nil {
		erasure, err := hotstate.TakeErasure(ctx, s.pool, s.config.Lease)
		if err == nil {
			s.work(ctx, erasure)
			continue
		}
		if !errors.Is(err, hotstate.ErrNotFound) && ctx.Err() == nil {
			slog.ErrorContext(ctx, "erasure: could not look for requests", "error", err)
		}
		pause(ctx, s.config.Idle)
	}
}

// A waiting error says in words what an erasure waits for. It is no failure.
type waiting struct{ what string }

func (w waiting) Error() string { return "waiting for " + w.what }

// work carries an erasure on as far as it goes now, and sees to it that it is taken up again.
func (s *Service) work(ctx context.Context, e hotstate.Erasure) {
	at := &progress{service: s, id: e.ID}
	err := s.carry(ctx, at, e)
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	var wait waiting
	switch {
	case err == nil:
		slog.InfoContext(ctx, "erasure: done", "erasure", e.ID)
		return
	case errors.As(err, &wait):
		err = hotstate.PostponeErasure(after, s.pool, e.ID, wait.Error(), s.config.Wait)
	case ctx.Err() != nil: // we are told to stop
		err = hotstate.PostponeErasure(after, s.pool, e.ID, at.step, 0)
	default:
		slog.ErrorContext(ctx, "erasure: failed and will be tried again", "erasure", e.ID, "step", at.step, "error", err)
		err = hotstate.PostponeErasure(after, s.pool, e.ID, at.step+" "+why(err), s.config.Retry<<min(e.Attempts-1, 6))
	}
	if err != nil {
		slog.WarnContext(ctx, "erasure: could not let go; the lease will run out", "erasure", e.ID, "error", err)
	}
}

// why says what failed, for an administrator to read. The error itself is in the log.
func why(err error) string {
	switch {
	case errors.Is(err, fabric.ErrPermanent):
		return "failed: the chaincode refuses it; see the collector's log"
	case errors.Is(err, errLedger):
		return "failed: the ledger cannot be asked or written now"
	}
	return "failed: see the collector's log"
}

// progress says what an erasure is at, and renews its lease.
type progress struct {
	service *Service
	id      string
	step    string
}

func (p *progress) to(ctx context.Context, step string) error {
	p.step = step
	return hotstate.RenewErasure(ctx, p.service.pool, p.id, step, p.service.config.Lease)
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

func tickets(n int64) string {
	if n == 1 {
		return "1 ticket"
	}
	return fmt.Sprintf("%d tickets", n)
}
