package anchoring_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/domain/money"
	"github.com/tillproof/tillproof/rates"
)

// weiPerCent is so few that a budget can be set nearly to the wei: an ether is worth a billion.
const (
	dear       = "ETH/EUR=1000000000@2026-11-01"
	weiPerCent = 10_000_000
)

func (f *fixture) budget(cents int64, feed *httptest.Server, fixed string) {
	f.t.Helper()
	set, err := rates.ParseFixed(fixed)
	if err != nil {
		f.t.Fatal(err)
	}
	config := rates.Config{Format: rates.CoinGecko, Fixed: set, Timeout: 100 * time.Millisecond, Every: time.Nanosecond}
	if feed != nil {
		config.URL = feed.URL
	}
	service, err := rates.New(config, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		f.t.Fatal(err)
	}
	f.options.Budget = &anchoring.Budget{Amount: money.Amount{Minor: cents, Currency: "EUR"}, Rates: service}
	f.restart()
}

// A decision as it is kept.
type decision struct {
	allowed            bool
	size               int64
	spent, most, limit *big.Int
	rate               int64
	tier, source       string
	at                 time.Time
}

// decisions are all that are kept, the oldest first.
func (f *fixture) decisions() (list []decision) {
	f.t.Helper()
	rows, err := f.pool.Query(f.t.Context(), `
		select allowed, size, spent_wei::text, most_wei::text, budget_wei::text, rate_billionths, rate_tier, rate_source, rate_at
		from book.anchor_decisions order by id`)
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var d decision
		var spent, most, limit string
		if err := rows.Scan(&d.allowed, &d.size, &spent, &most, &limit, &d.rate, &d.tier, &d.source, &d.at); err != nil {
			f.t.Fatal(err)
		}
		d.spent, d.most, d.limit = number(f.t, spent), number(f.t, most), number(f.t, limit)
		list = append(list, d)
	}
	if rows.Err() != nil {
		f.t.Fatal(rows.Err())
	}
	return list
}

func number(t *testing.T, text string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return n
}

// says is what operators read: /readyz, and one line of the metrics.
func (f *fixture) says(metric string) (status int, ready, line string) {
	f.t.Helper()
	get := func(path string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		f.Handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		return answer
	}
	for text := range strings.Lines(get("/metrics").Body.String()) {
		if strings.HasPrefix(text, metric+" ") {
			line = strings.TrimSpace(text)
		}
	}
	answer := get("/readyz")
	return answer.Code, answer.Body.String(), line
}

// An anchor waits as long as the budget does not allow it, to the cent, and nothing else waits with it.
func TestTheBudgetHolds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var log bytes.Buffer
	f.options.Observer = slog.New(slog.NewTextHandler(&log, nil))
	f.node.baseFee = big.NewInt(10e9) // what it may cost is then always the same
	f.chain.NextDay(t)
	f.settle()
	f.budget(1<<53, nil, dear)
	f.log.size = 20
	f.settle()

	f.budget(1, nil, dear)
	f.log.size = 40
	f.rounds(5)
	f.wantAnchors(1, 20)
	f.evidence(19) // is made meanwhile
	f.Once(t.Context())
	if status, ready, line := f.says("tillproof_anchor_waits_for_budget"); status != 200 || !strings.Contains(ready, "0.01 EUR") || line != "tillproof_anchor_waits_for_budget 1" {
		t.Errorf("while it waits: %d %s %s", status, ready, line)
	}
	if n := strings.Count(log.String(), "budget"); n == 0 || strings.Count(log.String(), "WARN") != 1 {
		t.Errorf("the log should tell of the wait once:\n%s", &log)
	}
	kept := f.decisions()
	if len(kept) != 2 || !kept[0].allowed || kept[1].allowed || kept[1].size != 40 {
		t.Fatalf("decided: %+v", kept)
	}
	wait := kept[1]
	f.wantSpent(wait.spent)
	need := new(big.Int).Add(wait.spent, wait.most)
	cents := new(big.Int).Div(need, big.NewInt(weiPerCent)).Int64()
	f.budget(cents, nil, dear)
	f.rounds(2)
	f.wantAnchors(1, 20)
	f.budget(cents+1, nil, dear) // is raised
	f.settle()
	f.settle()
	f.wantAnchors(2, 20, 40)
	if _, ready, line := f.says("tillproof_anchor_waits_for_budget"); strings.Contains(ready, "EUR") || line != "tillproof_anchor_waits_for_budget 0" {
		t.Errorf("after it waited: %s %s", ready, line)
	}
	if _, _, line := f.says("tillproof_anchor_spent_wei"); line != fmt.Sprintf("tillproof_anchor_spent_wei %g", float(f.wantCosts())) {
		t.Errorf("spent: %s", line)
	}

	f.log.size = 60
	f.rounds(3)
	f.wantAnchors(2, 20, 40)
	f.restart()
	f.rounds(3)
	f.wantAnchors(2, 20, 40)
	f.chain.NextDay(t)
	f.settle()
	f.settle()
	f.wantAnchors(3, 20, 40, 60)
}

func float(n *big.Int) float64 { value, _ := new(big.Float).SetInt(n).Float64(); return value }

// What waits in a node is offered more for only within the budget, and stays offered.
func TestTheBudgetHoldsReplacements(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.node.baseFee = big.NewInt(10e9)
	f.chain.NextDay(t)
	f.settle()
	f.budget(1<<53, nil, dear)
	f.log.size = 20
	f.Round(t.Context())
	first := f.decisions()[0]
	f.budget(new(big.Int).Div(first.most, big.NewInt(weiPerCent)).Int64()+1, nil, dear)
	f.node.sent = nil
	for range 5 {
		f.now = f.now.Add(2 * time.Minute)
		if err := f.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, sent := range f.node.sent {
		most := new(big.Int).Mul(sent.GasFeeCap(), new(big.Int).SetUint64(sent.Gas()))
		if most.Cmp(first.most) > 0 {
			t.Errorf("%s wei offered, and the budget is %s", most, first.most)
		}
	}
	if len(f.node.sent) != 5 {
		t.Errorf("sent again %d times of 5: nodes forget what waits", len(f.node.sent))
	}
	f.chain.Mine()
	f.settle()
	f.wantAnchors(1, 20)
}

// On a real geth: what its receipts say counts, and a raised budget lets the service go on.
func TestTheBudgetOnARealNode(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	geth := chaintest.Geth(t)
	f.chain.Chain = *geth
	f.options.Node, f.options.FinalBlocks = geth.Node, 0
	f.budget(1, nil, dear)
	until := func(what string, done func() bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for !done() {
			err := f.Round(ctx)
			select {
			case <-ctx.Done():
				t.Fatalf("never: %s; %v", what, err)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	f.log.size = 20
	until("the anchor waits", func() bool { return len(f.decisions()) > 0 })
	f.wantAnchors(0)
	wait := f.decisions()[0]
	f.budget(new(big.Int).Div(new(big.Int).Add(wait.spent, wait.most), big.NewInt(weiPerCent)).Int64()*2, nil, dear)
	anchored := func() bool { sizes, _ := f.anchors(); return len(sizes) == 1 }
	until("it is anchored", anchored)
	until("its cost is known", func() bool { return f.spentToday().Sign() > 0 })
	f.wantSpent(f.wantCosts())
}
