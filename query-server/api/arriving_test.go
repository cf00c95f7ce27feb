package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// pages reads a list one row at a time, and lets something happen between pages. It gives what shown makes of each page.
func (s *testServer) pages(user, path string, shown func(body string) []string, between func(page int)) (all []string) {
	s.t.Helper()
	cursor := ""
	for page := range 50 {
		got := s.get(user, path+"limit=1"+cursor)
		all = append(all, shown(got.body)...)
		next := decode[struct{ NextCursor *string }](s.t, got).NextCursor
		if next == nil {
			return all
		}
		cursor = "&cursor=" + *next
		between(page)
	}
	s.t.Fatalf("%s does not end", path)
	return nil
}

// Whoever reads page after page while tickets are recorded gets everything that was there once, whatever comes in between.
func TestPagesStayRightWhileDataArrive(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]struct {
		user, path string
		shown      func(string) []string
	}{
		"sales by product, store and day": {"maker-1", "/v1/sales?groupBy=product,store,day&", items("{itemId} {storeId} {day}")},
		"sales by product":                {"maker-1", "/v1/sales?groupBy=product&", items("{itemId}")},
		"lines":                           {"maker-1", "/v1/sales/lines?", items("{itemId} {businessDayDate} {amount}")},
		"tickets":                         {"chain", "/v1/tickets?", items("{transactionId}")},
		"a customer's tickets":            {"customer-a", "/v1/tickets?", items("{transactionId}")},
		"points":                          {"customer-a", "/v1/points/entries?", items("{points} {balanceAfter}")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, "http://127.0.0.1:1")
			before := list.shown(s.get(list.user, strings.TrimRight(list.path, "?&")).body)
			paged := s.pages(list.user, list.path, list.shown, func(page int) {
				s.record(10+page, "S2", "main", "m1", []string{"A", "0 first", "Z last"}[page%3], 1)
				s.settle(page)
				s.earn(page)
			})
			times := map[string]int{}
			for _, item := range paged {
				times[item]++
			}
			for _, item := range before {
				if times[item] != 1 {
					t.Errorf("%q is there %d times, in %q", item, times[item], paged)
				}
			}
		})
	}
}

// settle brings the accepted tickets of the shop to the ledger, one after the other, as the projector does: from book to view.
func (s *testServer) settle(n int) {
	s.t.Helper()
	number := []int{6, 8}[n%2]
	_, err := s.db.Collector.Exec(context.Background(), fmt.Sprintf(`
		begin;
		insert into view.tickets (ticket_key, retailer_id, transaction_id, transaction_type, store_id, workstation_id, business_day,
			sequence_number, ended_at, currency_code, grand_total, loyalty_id, commitment, rule_version, trade, block, tx_index, tx_id, recorded_at)
		select ticket_key, retailer_id, transaction_id, 'Sale', store_id, workstation_id, business_day, sequence_number, now(), 'EUR', 500,
			loyalty_id, '', 1, body, 43, 0, 'x', now()
		from book.tickets where state = 'accepted' and transaction_id = '00000000-0000-4000-8000-00000000000%[1]d';
		update book.tickets set state = 'recorded', body = null, seed = null
		where transaction_id = '00000000-0000-4000-8000-00000000000%[1]d';
		commit`, number))
	if err != nil {
		s.t.Fatal(err)
	}
}

// earn adds a line to the statement of member a.
func (s *testServer) earn(n int) {
	s.t.Helper()
	_, err := s.db.Collector.Exec(context.Background(), fmt.Sprintf(`
		insert into view.points_entries (entry_id, account, loyalty_id, kind, points, eligible_amount, currency_code, rule_version,
			business_day, block, tx_index, tx_id, recorded_at)
		values (sha256('entry %[1]d'), sha256('a'), 'a', 'accrual', 1, 100, 'EUR', 1, '2024-03-01', 50 + %[1]d, 0, 'x', now())`, n))
	if err != nil {
		s.t.Fatal(err)
	}
}

// An answer's sums are those of the block that it names, also when another is recorded while it is made.
func TestSumsAreOfTheBlockThatTheAnswerNames(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; n < 500; n++ {
			select {
			case <-stop:
				return
			default:
				s.record(n, "S2", "main", "m1", "A", 1) // a minor unit a block
			}
		}
	}()
	defer func() { close(stop); <-done }()
	seen := map[int64]bool{}
	for deadline := time.Now().Add(30 * time.Second); len(seen) < 20 && time.Now().Before(deadline); {
		answer := decode[struct {
			Items []struct{ AmountSold json.Number }
			AsOf  struct{ Block int64 }
		}](t, s.get("maker-1", "/v1/sales?groupBy=product&itemId=A"))
		seen[answer.AsOf.Block] = true
		if want := fmt.Sprint(700 + answer.AsOf.Block - 42); answer.Items[0].AmountSold.String() != want {
			t.Errorf("as of block %d: %s, want %s", answer.AsOf.Block, answer.Items[0].AmountSold, want)
		}
		csv := s.get("maker-1", "/v1/sales?groupBy=product&itemId=A&format=csv")
		var block int64
		fmt.Sscan(csv.Header.Get("Tillproof-As-Of-Block"), &block)
		if want := fmt.Sprint(700 + block - 42); readCSV(csv.body)[1][5] != want {
			t.Errorf("CSV as of block %d: %q", block, csv.body)
		}
	}
	if len(seen) < 2 {
		t.Error("nothing was recorded meanwhile")
	}
}

// While the database is away, clients and load balancers are told so, and nothing is left when it is back.
func TestTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	s.get("customer-a", "/v1/points")
	s.db.TakeAway(t)
	for user, path := range map[string]string{"customer-a": "/v1/points", "north": "/v1/tickets", "maker-1": "/v1/sales", "auditor": "/v1/sales?format=csv"} {
		got := s.get(user, path)
		if got.StatusCode != 503 || got.Header.Get("Retry-After") == "" || leaks.MatchString(got.body) || got.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %v\n%s", path, got.StatusCode, got.Header, got.body)
		}
	}
	s.db.GiveBack(t)
	if got := s.get("customer-a", "/v1/points"); got.StatusCode != 200 {
		t.Errorf("and when it is back: %d\n%s", got.StatusCode, got.body)
	}
	if got := s.get("north", "/v1/tickets?storeId="+"S2"); got.StatusCode != 200 || strings.Contains(got.body, hotstatetest.TroubleStore) {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
