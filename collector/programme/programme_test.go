package programme_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/domain/points"
)

// A rulebook is the ledger as far as the programme goes. Empty, it does not answer.
type rulebook struct {
	mu    sync.Mutex
	rules string
	asked int
}

func (b *rulebook) Evaluate(context.Context, string, ...string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.rules == "" {
		return nil, errors.New("connection reset")
	}
	return []byte(b.rules), nil
}

func (b *rulebook) EndorseCall(context.Context, string, string) (fabric.Endorsed, error) {
	return fabric.Endorsed{}, errors.New("not asked for here")
}

func (b *rulebook) Submit(context.Context, []byte) (fabric.Commit, error) {
	return fabric.Commit{}, errors.New("not asked for here")
}

func (b *rulebook) say(rules string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = rules
}

const (
	one = `{"version":1,"rules":[{"version":1,"effectiveFrom":"0001-01-01","rateBasisPoints":100}]}`
	two = `{"version":2,"rules":[{"version":1,"effectiveFrom":"0001-01-01","rateBasisPoints":100},
		{"version":2,"effectiveFrom":"2026-03-01","rateBasisPoints":200,"currencyCode":"CHF"}]}`
)

// Rules are kept for some seconds, read anew when somebody says that they changed, and outlive the ledger's absence.
func TestRulesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := &rulebook{}
		service := programme.NewService(ledger)
		if known := service.Known(); known.Version() != points.Default.Version() {
			t.Errorf("before the ledger was read: %+v", known)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); service.Run(ctx) }()
		defer func() { cancel(); <-done }()
		version := func() uint32 { synctest.Wait(); return service.Known().Version() }

		ledger.say(one)
		time.Sleep(6 * time.Second)
		if version() != 1 {
			t.Errorf("version %d, want 1", version())
		}
		ledger.say(two)
		asked := ledger.asked
		for range 100 {
			if rules, err := service.Rules(ctx); err != nil || rules.Version() != 1 {
				t.Fatalf("a moment later: %+v, %v", rules, err)
			}
		}
		if ledger.asked != asked {
			t.Errorf("asked %d times for 100 tickets", ledger.asked-asked)
		}
		service.Changed()
		if version() != 2 {
			t.Errorf("told of a change: version %d, want 2", version())
		}
		if today, err := service.Today(ctx, "2026-02-28"); err != nil || today.Version != 1 {
			t.Errorf("the day before: %+v, %v", today, err)
		}
		ledger.say("")
		time.Sleep(time.Minute)
		if version() != 2 {
			t.Errorf("without the ledger: version %d, want 2", version())
		}
		if _, err := service.Rules(ctx); err == nil {
			t.Error("rules a minute old were given as those in force")
		}
	})
}
