package hotstate_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// What expires first is folded first, as much as it takes beyond the head, what is folded or done already not again.
func TestCreditsToFold(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	account := [16]byte{1}
	// 30 credits of 10 points: 1 to 10 never expire, the others by and by, 30 first. One is folded, one is a debit.
	exec(t, db, `
		insert into view.points_entries (entry_id, account, kind, points, eligible_amount, currency_code, rule_version,
			business_day, block, tx_index, tx_id, recorded_at, expiry_month, folded)
		select decode(lpad(to_hex(n), 32, '0'), 'hex'), '\x01000000000000000000000000000000', 'accrual',
			case n when 31 then -45 else 10 end, 1000, 'EUR', 1, '2026-05-04', n, 0, '', now(),
			case when n <= 10 then 0 else 24300 - n end, n = 30
		from generate_series(1, 31) as n`)
	exec(t, db, `insert into view.points_heads values ('\x01000000000000000000000000000000', 50, 0)`)
	for name, c := range map[string]struct {
		spend int64
		limit int
		done  []string
		want  int
		first string
	}{
		"little: some more, for the next time": {spend: 1, limit: 500, want: 20, first: "1d"},
		"less the head, and the debit besides": {spend: 225, limit: 500, want: 22, first: "1d"},
		"all there is":                         {spend: math.MaxInt64 / 4, limit: 500, want: 29, first: "1d"},
		"a limit":                              {spend: math.MaxInt64 / 4, limit: 7, want: 7, first: "1d"},
		"those done left out":                  {spend: 1000, limit: 500, done: []string{strings.Repeat("0", 30) + "1d"}, want: 28, first: "1c"},
	} {
		fold, err := hotstate.CreditsToFold(t.Context(), db.Collector, account, c.spend, c.limit, c.done)
		if err != nil {
			t.Fatal(err)
		}
		if len(fold) != c.want || !strings.HasSuffix(fold[0], c.first) {
			t.Errorf("%s: %d credits, the first %s, want %d and %s", name, len(fold), fold[0], c.want, c.first)
		}
		for _, id := range []string{"1e", "1f"} {
			if slices.Contains(fold, strings.Repeat("0", 30)+id) {
				t.Errorf("%s: %s is no credit that can be folded", name, id)
			}
		}
	}
}

// Orders of one member are carried out in turn, those of several at once; an order that is left comes again.
func TestOrdersTakeTurns(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	subject := func(n int) string { return "00000000-0000-4000-8000-00000000000" + string(rune('0'+n)) }
	for n, member := range []string{"ann", "ann", "bea"} {
		for range 2 { // the same again changes nothing
			if err := hotstate.AddOrder(t.Context(), db.Collector, member, hotstate.OrderHold, subject(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	take := func(want string) hotstate.SpendingOrder {
		t.Helper()
		order, err := hotstate.TakeOrder(t.Context(), db.Collector, time.Hour)
		got := order.Subject
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Fatalf("took %s, want %s", got, want)
		}
		return order
	}
	first := take(subject(0))
	take(subject(2))
	take(hotstate.ErrNotFound.Error())
	if err := hotstate.PostponeOrder(t.Context(), db.Collector, first.ID, 0); err != nil {
		t.Fatal(err)
	}
	if again := take(subject(0)); again.Attempts != 2 {
		t.Errorf("attempt %d, want the second", again.Attempts)
	}
	if err := hotstate.FinishOrder(t.Context(), db.Collector, first.ID); err != nil {
		t.Fatal(err)
	}
	take(subject(1))
}
