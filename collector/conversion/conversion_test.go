package conversion_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/conversion"
	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/collector/recorder"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/rates"
)

// rules are the ledger's, as a collector has read them; it may not have heard of the newest.
type rules struct {
	ledger *ledgertest.Ledger
	stale  atomic.Pointer[points.Programme]
}

func (r *rules) Rules(context.Context) (points.Programme, error) { return r.Known(), nil }
func (r *rules) Changed()                                        { r.stale.Store(nil) }
func (r *rules) Known() points.Programme {
	if stale := r.stale.Load(); stale != nil {
		return *stale
	}
	return r.ledger.Programme()
}

// A market is a shop whose programme counts in dollars, and a rate feed that answers as it is told; "" is no answer.
type market struct {
	*ledgertest.Shop
	ledger    *ledgertest.Ledger
	rules     *rules
	feed      atomic.Pointer[string]
	converter *conversion.Converter
}

var inDollars = points.Rule{EffectiveFrom: "2026-01-01", RateBasisPoints: 100, Currency: "USD"}

func newMarket(t *testing.T, fixed string) *market {
	t.Helper()
	m := &market{Shop: ledgertest.Open(t), ledger: ledgertest.New()}
	m.rules = &rules{ledger: m.ledger}
	m.say("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, *m.feed.Load()) }))
	t.Cleanup(server.Close)
	set, err := rates.ParseFixed(fixed)
	if err != nil {
		t.Fatal(err)
	}
	service, err := rates.New(rates.Config{URL: server.URL, Format: rates.ECB, Fixed: set, Every: time.Millisecond},
		slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	m.converter = conversion.New(m.rules, service, time.Now)
	return m
}

func (m *market) say(answer string) { m.feed.Store(&answer) }

func (m *market) ecb(dollars string) string {
	return fmt.Sprintf(`<Envelope><Cube><Cube time="%s"><Cube currency="USD" rate="%s"/></Cube></Cube></Envelope>`,
		time.Now().UTC().Format(time.DateOnly), dollars)
}

// run records and projects until the test ends.
func (m *market) run(t *testing.T) {
	t.Helper()
	toLedger := recorder.New(m.Collector, m.ledger, m.Keys, recorder.Config{
		Batch: hotstate.BatchSize{Tickets: 10, Bytes: 1 << 20}, InFlight: 1, Lease: 50 * time.Millisecond, Deadline: time.Minute, Retry: time.Millisecond,
	})
	toLedger.Conversions = m.converter
	fromLedger := projector.New(m.Collector, m.ledger, m.Keys)
	for _, run := range []func(context.Context){toLedger.Run, fromLedger.Run} {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
	}
}

func (m *market) sell(t *testing.T, member string) {
	t.Helper()
	m.Accept(t, ledgertest.Sale{Member: member, Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 1, 10_000)}})
}

func (m *market) recorded(t *testing.T) {
	t.Helper()
	ledgertest.Eventually(t, "every ticket recorded", func() bool {
		return m.Text(t, `select count(*) from book.tickets where state <> 'recorded'`) == "0"
	})
}

func (m *market) want(t *testing.T, expected string) {
	t.Helper()
	got := m.Text(t, `select points || ' ' || eligible_amount || ' ' || currency_code || ' ' || conversion || ' ' || conversion_source from view.points_entries`)
	if got != expected {
		t.Errorf("entry %q, want %q", got, expected)
	}
}

// The rate that served stands with the entry: which tier it came from, whose it is, and since when it holds.
func TestTheRateStandsWithTheEntry(t *testing.T) {
	t.Parallel()
	day := time.Now().UTC().Format("20060102")
	for name, test := range map[string]struct{ feed, fixed, want string }{
		"live":            {"1.25", "", "125 10000 EUR 1250000000 live ECB " + day + "T0000Z"},
		"no feed, fixed":  {"", "EUR/USD=1.5@2026-11-01", "150 10000 EUR 1500000000 fixed set 20261101T0000Z"},
		"an absurd jump":  {"100000", "EUR/USD=1.5@2026-11-01", "150 10000 EUR 1500000000 fixed set 20261101T0000Z"},
		"not a number":    {"many", "EUR/USD=1.5@2026-11-01", "150 10000 EUR 1500000000 fixed set 20261101T0000Z"},
		"rounded to half": {"0.000000001", "EUR/USD=1.5@2026-11-01", "150 10000 EUR 1500000000 fixed set 20261101T0000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, test.fixed)
			m.ledger.Agree(inDollars)
			if test.feed != "" {
				m.say(m.ecb(test.feed))
			}
			m.sell(t, "ann")
			m.run(t)
			m.recorded(t)
			m.want(t, test.want)
			if err := m.converter.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Without a rate a member's ticket waits, and others go on; readiness tells, and says so until there is one.
func TestWithoutARateTicketsWait(t *testing.T) {
	t.Parallel()
	m := newMarket(t, "")
	m.ledger.Agree(inDollars)
	m.sell(t, "ann")
	m.sell(t, "")
	m.run(t)
	ledgertest.Eventually(t, "the ticket without member recorded", func() bool {
		return m.Text(t, `select count(*) from view.tickets`) == "1"
	})
	err := m.converter.Ready(t.Context())
	if err == nil || !strings.Contains(err.Error(), "tickets in EUR wait") {
		t.Errorf("readiness says %v", err)
	}
	if told, ok := err.(interface{ Reason() string }); !ok || !strings.Contains(told.Reason(), "EUR/USD") {
		t.Error("the reason is for nobody to read")
	}
	if rejected := m.Text(t, `select count(*) from book.tickets where state = 'rejected'`); rejected != "0" {
		t.Error("a ticket was rejected for want of a rate")
	}
	m.say(m.ecb("1.25"))
	m.recorded(t)
	if err := m.converter.Ready(t.Context()); err != nil {
		t.Errorf("there is a rate again: %v", err)
	}
}

// A rule agreed a moment ago: a collector that has not heard of it gives no conversion, or one to another currency. Neither is
// ever counted by it.
func TestARuleThatTheCollectorHasNotHeardOf(t *testing.T) {
	t.Parallel()
	yen := points.Rule{EffectiveFrom: "2026-01-01", RateBasisPoints: 100, Currency: "JPY"}
	for name, before := range map[string]*points.Rule{"none before": nil, "another currency before": &yen} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t, "EUR/USD=1.5@2026-11-01, EUR/JPY=160@2026-11-01")
			if before != nil {
				m.ledger.Agree(*before)
			}
			stale := m.ledger.Programme()
			m.rules.stale.Store(&stale)
			m.ledger.Agree(inDollars)
			m.sell(t, "ann")
			m.run(t)
			m.recorded(t)
			m.want(t, "150 10000 EUR 1500000000 fixed set 20261101T0000Z")
		})
	}
}

func TestForetell(t *testing.T) {
	t.Parallel()
	m := newMarket(t, "EUR/USD=1.5@2026-11-01")
	for _, test := range []struct {
		amount        int64
		currency, day string
		want          int64
		after         *points.Rule
	}{
		{amount: 10_000, currency: "EUR", day: "2026-05-04", want: 100},
		{amount: 10_000, currency: "EUR", day: "2026-05-04", want: 150, after: &inDollars},
		{amount: -10_000, currency: "EUR", day: "2026-05-04", want: -150},
		{amount: 10_000, currency: "USD", day: "2026-05-04", want: 100},
		{amount: 10_000, currency: "EUR", day: "2025-12-31", want: 100}, // before the rule
		{amount: 10_000, currency: "CHF", day: "2026-05-04", want: 0},   // no rate at hand
		{amount: 10_000, currency: "USD", day: "2020-01-01", want: 50, // too old for the better rate
			after: &points.Rule{EffectiveFrom: "2026-02-01", RateBasisPoints: 50, LateDays: 30}},
	} {
		if test.after != nil {
			m.ledger.Agree(*test.after)
		}
		if got := m.converter.Foretell(test.amount, test.currency, test.day); got != test.want {
			t.Errorf("%d %s of %s: %d points foretold, want %d", test.amount, test.currency, test.day, got, test.want)
		}
	}
}
