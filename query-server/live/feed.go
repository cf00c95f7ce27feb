package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	interval     = 250 * time.Millisecond // between two looks at the checkpoint
	heartbeat    = 15 * time.Second       // proxies cut silent connections; and it moves the listeners' position on
	lookTimeout  = 10 * time.Second
	readers      = 4      // queries of actors at once: the pool is there for others, too
	catchUps     = 4      // of those who come back, the same
	maxCells     = 20_000 // changed at once; more than that is for reading anew
	rowsPerEvent = 500
	maxListeners = 5000
	maxPerUser   = 20
	// How far a listener may be behind before it is let go, and how far all of them together.
	maxBehind      = 64        // events
	maxBehindBytes = 512 << 10 // of the events' data; of one event it may be more
	maxHeldBytes   = 64 << 20
)

var (
	// ErrFull says that the server has as many listeners as it takes.
	ErrFull = errors.New("too many listeners")
	// ErrTooMany says that one user has.
	ErrTooMany = errors.New("too many listeners of one user")
	// ErrStopped says that the feed does not run.
	ErrStopped = errors.New("the feed has stopped")
)

// An Event is what listeners are told. Kind "" is a heartbeat.
type Event struct {
	Kind  string // "sales", or "reload": so much changed that it is to be read anew
	Block int64  // everything up to it was told; -1 before the first
	Final bool   // with this event, Block holds: of several for the same blocks the last
	Data  []byte // JSON
}

// An Encoder makes the data of an event: sums for "sales", nil for "reload", which says since when to read anew.
type Encoder interface {
	Sales(asOf hotstate.AsOf, rows []hotstate.SalesRow) ([]byte, error)
	Reload(asOf hotstate.AsOf, since int64) ([]byte, error)
}

// A Feed has the listeners of one server.
type Feed struct {
	pool     *pgxpool.Pool
	log      *slog.Logger
	encoder  Encoder
	smallest hotstate.SmallestCells
	turns    chan struct{} // a place for each that catches up

	mu        sync.Mutex
	listeners map[*Listener]struct{}
	users     map[string]int
	catchUps  map[string]*catchUp
	asOf      hotstate.AsOf
	known     bool  // asOf is
	held      int64 // bytes that wait for listeners, counted for each
	stopped   bool
	ready     chan struct{} // closed once asOf is known, or the feed has stopped
}

// NewFeed makes a feed, which Run fills.
func NewFeed(pool *pgxpool.Pool, log *slog.Logger, encoder Encoder, smallest hotstate.SmallestCells) *Feed {
	return &Feed{
		pool: pool, log: log, encoder: encoder, smallest: smallest,
		turns: make(chan struct{}, catchUps), catchUps: map[string]*catchUp{},
		listeners: map[*Listener]struct{}{}, users: map[string]int{}, ready: make(chan struct{}),
	}
}

// Run watches until ctx ends, and then lets all listeners go.
func (f *Feed) Run(ctx context.Context) {
	defer f.stop()
	look := time.NewTicker(interval)
	defer look.Stop()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	failing := false
	for {
		err := f.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing { // once an outage
			f.log.WarnContext(ctx, "the live feed cannot read the database", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			f.beat()
		case <-look.C:
		}
	}
}

func (f *Feed) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	if !f.known {
		close(f.ready)
	}
	for l := range f.listeners {
		f.remove(l)
	}
}

// Count is the number of listeners.
func (f *Feed) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.listeners)
}

func (f *Feed) beat() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.listeners {
		f.send(l, Event{Block: f.asOf.Block, Final: true})
	}
}
