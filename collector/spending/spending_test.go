package spending_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// A purse is the ledger of one account: credits that must be folded before they can be spent, and holds that are known by
// their id. Each call can fail.
type purse struct {
	shop   *ledgertest.Shop
	t      *testing.T
	fault  func(call string, nth int) ledgertest.Fault
	mu     sync.Mutex
	calls  map[string]int
	head   int64
	folded map[string]bool
	holds  map[string]int64
	ready  map[string]func() // endorsed, by envelope
}

func newPurse(t *testing.T) *purse {
	return &purse{shop: ledgertest.Open(t), t: t, calls: map[string]int{}, folded: map[string]bool{}, holds: map[string]int64{},
		ready: map[string]func(){}, fault: func(string, int) ledgertest.Fault { return ledgertest.None }}
}

// credit gives the member so many credits of one point, as the view shows them.
func (p *purse) credit(member string, credits int) {
	p.t.Helper()
	m, err := p.shop.Keys.Member(member)
	if err != nil {
		p.t.Fatal(err)
	}
	p.shop.Exec(p.t, `
		insert into view.points_entries (entry_id, account, loyalty_id, kind, points, eligible_amount, currency_code, rule_version,
			business_day, block, tx_index, tx_id, recorded_at)
		select decode(lpad(to_hex(n), 32, '0'), 'hex'), $1, $2, 'accrual', 1, 100, 'EUR', 1, '2026-05-04', n, 0, '', now()
		from generate_series(1, $3) as n`, m.Account[:], member, credits)
	p.shop.Exec(p.t, `insert into view.points_balances (loyalty_id, available) values ($1, $2)`, member, credits)
}

func (p *purse) EndorseCall(_ context.Context, function, argument string) (fabric.Endorsed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls["endorse"]++
	if p.fault("endorse", p.calls["endorse"]) != ledgertest.None {
		return fabric.Endorsed{}, errors.New("connection reset")
	}
	var request ledger.HoldRequest
	if err := json.Unmarshal([]byte(argument), &request); err != nil {
		return fabric.Endorsed{}, err
	}
	if len(request.Fold) > ledger.MaxFold {
		return fabric.Endorsed{}, fmt.Errorf("%d credits to fold", len(request.Fold))
	}
	fresh := int64(0)
	for _, id := range request.Fold {
		if !p.folded[id] {
			fresh++
		}
	}
	take := func() {
		for _, id := range request.Fold {
			p.folded[id] = true
		}
		p.head += fresh
	}
	var answer any
	effect := func() {}
	switch held, known := p.holds[request.HoldID]; {
	case function == "FoldAccount":
		answer, effect = ledger.FoldAnswer{Status: ledger.StatusDone, Credits: int(fresh)}, take
	case known:
		answer = ledger.HoldAnswer{HoldID: request.HoldID, Status: ledger.StatusHeld, Points: held, Repeated: true}
	case p.head+fresh < request.Points:
		answer = ledger.HoldAnswer{HoldID: request.HoldID, Status: ledger.StatusInsufficient}
	default:
		answer = ledger.HoldAnswer{HoldID: request.HoldID, Status: ledger.StatusHeld, Points: request.Points}
		effect = func() { take(); p.head -= request.Points; p.holds[request.HoldID] = request.Points }
	}
	id := make([]byte, 32)
	rand.Read(id)
	envelope := hex.EncodeToString(id)
	p.ready[envelope] = effect
	encoded, err := json.Marshal(answer)
	return fabric.Endorsed{TransactionID: envelope, Answer: encoded, Envelope: []byte(envelope)}, err
}

func (p *purse) Submit(_ context.Context, envelope []byte) (fabric.Commit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls["submit"]++
	switch p.fault("submit", p.calls["submit"]) {
	case ledgertest.Lost:
		return fabric.Commit{}, errors.New("connection reset")
	case ledgertest.Overtaken:
		return fabric.Commit{Code: "MVCC_READ_CONFLICT"}, nil
	case ledgertest.DoneButFailed:
		p.ready[string(envelope)]()
		return fabric.Commit{}, errors.New("connection reset")
	}
	p.ready[string(envelope)]()
	return fabric.Commit{Valid: true}, nil
}

func (p *purse) run() *spending.Service {
	p.t.Helper()
	config := spending.DefaultConfig
	config.Retry, config.Lease, config.Sweep = time.Millisecond, time.Hour, time.Hour
	s := spending.New(p.shop.Collector, p, p.shop.Keys, config)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	p.t.Cleanup(func() { cancel(); <-done })
	return s
}

// order asks for points as a till does, without waiting, and gives the redemption's id.
func (p *purse) order(member string, points int64) string {
	p.t.Helper()
	id := uuid.NewString()
	p.shop.Exec(p.t, `insert into book.redemptions (redemption_id, store_id, loyalty_id, points, currency_code, caller, idempotency_key, body_hash)
		values ($1, 'S1', $2, $3, 'EUR', 'test', $1, '')`, id, member, points)
	if err := hotstate.AddOrder(context.Background(), p.shop.Collector, member, hotstate.OrderHold, id); err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *purse) done() {
	p.t.Helper()
	ledgertest.Eventually(p.t, "every order carried out", func() bool {
		return p.shop.Text(p.t, "select count(*) from book.spending_orders") == "0"
	})
}

func (p *purse) refusal(id string) string {
	p.t.Helper()
	return p.shop.Text(p.t, "select refusal from book.redemptions where redemption_id = $1", id)
}

// Each way in which a call fails: the points are held once, and the till is told no refusal.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		call string
		is   ledgertest.Fault
	}{
		"none":                   {"", ledgertest.None},
		"endorse lost":           {"endorse", ledgertest.Lost},
		"submit lost":            {"submit", ledgertest.Lost},
		"submit done but failed": {"submit", ledgertest.DoneButFailed},
		"overtaken":              {"submit", ledgertest.Overtaken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPurse(t)
			p.fault = func(call string, nth int) ledgertest.Fault {
				if call == fault.call && nth == 1 {
					return fault.is
				}
				return ledgertest.None
			}
			p.credit("ann", 30)
			id := p.order("ann", 25)
			p.run()
			p.done()
			if p.holds[id] != 25 || p.head != 0 || len(p.holds) != 1 || p.refusal(id) != "" {
				t.Errorf("%d held, %d folded and not spent, refused for %q", p.holds[id], p.head, p.refusal(id))
			}
		})
	}
}

// An account of more credits than one transaction folds can be spent to the last point, and not beyond.
func TestManySmallCredits(t *testing.T) {
	t.Parallel()
	p := newPurse(t)
	p.credit("ann", 1300)
	all, more := p.order("ann", 1300), p.order("ann", 1)
	p.run()
	p.done()
	if p.holds[all] != 1300 || p.refusal(all) != "" {
		t.Errorf("%d held, refused for %q", p.holds[all], p.refusal(all))
	}
	if p.refusal(more) != spending.Insufficient {
		t.Errorf("a point that is not there: %q", p.refusal(more))
	}
}

// A till asks the same again, with other words, and with another's code.
func TestRequestsAreKnownAgain(t *testing.T) {
	t.Parallel()
	p := newPurse(t)
	p.credit("ann", 5)
	s := p.run()
	ask := func(points int64, code, key, body string) error {
		_, err := s.Redeem(t.Context(), hotstate.Redemption{StoreID: "S1", LoyaltyID: "ann", Points: points, CurrencyCode: "EUR"},
			code, spending.Request{Caller: "till", Key: key, Body: []byte(body)})
		return err
	}
	key := uuid.NewString()
	for range 2 {
		if err := ask(9, "code", key, "nine"); err != nil { // refused by the ledger, which is an answer
			t.Fatal(err)
		}
	}
	if n := p.shop.Text(t, "select count(*) from book.redemptions"); n != "1" {
		t.Errorf("%s redemptions of one request", n)
	}
	if err := ask(9, "code", key, "ten"); !errors.Is(err, spending.ErrKeyReused) {
		t.Errorf("another body: %v", err)
	}
	if err := ask(1, "code", uuid.NewString(), "one"); !errors.Is(err, spending.ErrCodeUsed) {
		t.Errorf("a used code: %v", err)
	}
	_, err := s.Redeem(t.Context(), hotstate.Redemption{StoreID: "S1", LoyaltyID: "nobody", Points: 1}, "other",
		spending.Request{Caller: "till", Key: uuid.NewString()})
	if !errors.Is(err, spending.ErrUnknown) {
		t.Errorf("nobody: %v", err)
	}
}

// A hold whose time is over is released, though no till asks.
func TestHoldsLapse(t *testing.T) {
	t.Parallel()
	p := newPurse(t)
	m, err := p.shop.Keys.Member("ann")
	if err != nil {
		t.Fatal(err)
	}
	p.shop.Exec(t, `insert into view.holds (hold_id, account, loyalty_id, state, points, captured, given_back, expires_at, block, tx_id, recorded_at)
		values (gen_random_uuid(), $1, 'ann', 'held', 5, 0, 0, now() - interval '1 minute', 1, '', now()),
		       (gen_random_uuid(), $1, 'ann', 'held', 5, 0, 0, now() + interval '1 minute', 1, '', now())`, m.Account[:])
	for range 2 {
		if _, err := hotstate.OrderSweeps(t.Context(), p.shop.Collector, 0, 100); err != nil {
			t.Fatal(err)
		}
	}
	if orders := p.shop.Text(t, "select string_agg(action, ',') from book.spending_orders"); orders != "sweep" {
		t.Errorf("ordered %q, want one sweep", orders)
	}
	p.run()
	p.done()
	if p.calls["endorse"] != 1 {
		t.Errorf("%d calls", p.calls["endorse"])
	}
}
