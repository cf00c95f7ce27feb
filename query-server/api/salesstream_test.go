package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A listener reads events as a browser would.
type listener struct {
	t     testing.TB
	lines *bufio.Scanner
	close func()
	last  string // id
}

type event struct{ kind, data string }

func (s *testServer) listen(username, lastID string) *listener {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	s.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/v1/sales/stream", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.bearer(username))
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := s.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("the stream of %s: %d %v", username, response.StatusCode, response.Header)
	}
	l := &listener{t: s.t, lines: bufio.NewScanner(response.Body), close: func() { cancel(); response.Body.Close() }}
	s.t.Cleanup(l.close)
	return l
}

// next gives the next event or, with kind "", the next sign of life. ok is false at the end of the stream.
func (l *listener) next() (e event, ok bool) {
	for l.lines.Scan() {
		if l.lines.Text() == "" {
			return e, true
		}
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "id":
			l.last = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		}
	}
	return e, false
}

// cells gives "item store day net" of a sales event.
func (l *listener) cells() string {
	l.t.Helper()
	e, ok := l.next()
	if !ok || e.kind != "sales" {
		l.t.Fatalf("got %+v, %v instead of sales", e, l.lines.Err())
	}
	cells := items("{itemId}@{storeId}:{day}={amountNet}")(e.data)
	slices.Sort(cells)
	return strings.Join(cells, " ")
}

// record adds a block with one ticket of one line, as the projector would.
func (s *testServer) record(number int, store, retailer, owner, item string, amount int) {
	s.t.Helper()
	_, err := s.db.Collector.Exec(context.Background(), fmt.Sprintf(`
		begin;
		update view.checkpoint set next_block = next_block + 1;
		insert into view.tickets (ticket_key, retailer_id, transaction_id, transaction_type, store_id, workstation_id, business_day,
			sequence_number, ended_at, currency_code, grand_total, commitment, rule_version, trade, block, tx_index, tx_id, recorded_at)
		select sha256('live %[1]d'), '%[3]s', gen_random_uuid(), 'Sale', $s$%[2]s$s$, 'till 9', '2024-03-01', %[1]d, now(), 'EUR', %[6]d, '', 1, '',
			next_block - 1, 0, 'x', now() from view.checkpoint;
		insert into view.lines select ticket_key, 1, retailer_id, '%[4]s', '%[5]s', null, store_id, business_day, currency_code, 1, %[6]d, block
		from view.tickets where ticket_key = sha256('live %[1]d');
		insert into view.sales_by_day as cell select manufacturer_id, retailer_id, item_id, store_id, business_day, currency_code, 1, 0, amount, 0, 1, 1, block
		from view.lines where ticket_key = sha256('live %[1]d')
		on conflict (manufacturer_id, day, retailer_id, item_id, store_id, currency_code)
		do update set amount_sold = cell.amount_sold + excluded.amount_sold, changed_block = excluded.changed_block;
		commit`, number, store, retailer, owner, item, amount))
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestListenersHearOfTheirOwnSales(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	listeners := map[string]*listener{}
	for _, name := range []string{"maker-1", "maker-2", "north", "elsewhere", "chain", "auditor", "admin"} {
		listeners[name] = s.listen(name, "")
		if e, ok := listeners[name].next(); !ok || e.kind != "" || listeners[name].last != "42" {
			t.Fatalf("%s begins with %+v at %q", name, e, listeners[name].last)
		}
	}
	s.record(1, "S2", "main", "m1", "A", 500)
	for _, name := range []string{"maker-1", "chain", "auditor", "admin"} {
		if got := listeners[name].cells(); got != "A@S2:2024-03-01=500" || listeners[name].last != "43" {
			t.Errorf("%s hears %s at %s", name, got, listeners[name].last)
		}
	}
	s.record(2, "X1", "other", "m2", "A", 70)
	for _, name := range []string{"maker-2", "elsewhere", "auditor", "admin"} { // the first two heard nothing of the sale before
		if got := listeners[name].cells(); got != "A@X1:2024-03-01=70" || listeners[name].last != "44" {
			t.Errorf("%s hears %s at %s", name, got, listeners[name].last)
		}
	}
	s.record(3, "S2", "main", "m1", "A", 30) // the sum so far, not what was added
	if got := listeners["maker-1"].cells(); got != "A@S2:2024-03-01=530" {
		t.Errorf("maker-1 hears %s", got)
	}
}

func TestAListenerThatWasAwayMissesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	first := s.listen("maker-1", "")
	first.next()
	s.record(1, "S2", "main", "m1", "A", 500)
	first.cells()
	first.close()
	s.record(2, "S2", "main", "m1", "B", 10)
	s.record(3, "X1", "other", "m2", "A", 70) // another's
	again := s.listen("maker-1", first.last)
	if got := again.cells(); got != "B@S2:2024-03-01=10" || again.last != "45" {
		t.Errorf("back again it hears %s at %s", got, again.last)
	}
	s.record(4, "S2", "main", "m1", "C", 5)
	for got := again.cells(); !strings.HasSuffix(got, "C@S2:2024-03-01=5"); got = again.cells() {
		if got != "B@S2:2024-03-01=10" { // what came while it was catching up may be told again
			t.Fatalf("and then %s", got)
		}
	}
	if e, _ := s.listen("maker-1", "41").next(); !strings.Contains(e.data, `"2024-02-01"`) && e.kind != "sales" {
		t.Errorf("from an old block on: %+v", e)
	}
	if e, _ := s.listen("maker-1", "1000").next(); e.kind != "reload" || strings.Contains(e.data, "changedSince") {
		t.Errorf("from a block to come: %+v", e)
	}
	for _, bad := range []string{"x", "-2", "1e3", "99999999999999999999"} {
		if got := s.do("GET", "/v1/sales/stream", "", "Authorization", "Bearer "+s.bearer("auditor"), "Last-Event-ID", bad); got.StatusCode != 400 {
			t.Errorf("Last-Event-ID %s: %d", bad, got.StatusCode)
		}
	}
}

// After a restart all come back at once. What the listeners of one actor missed is read once, and told to each.
func TestManyComeBackTogether(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	s.record(1, "S2", "main", "m1", "A", 500)
	for range 100 { // until the feed knows of it
		l := s.listen("maker-2", "")
		l.next()
		l.close()
		if l.last == "43" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	locked, err := s.db.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Rollback(t.Context())
	if _, err := locked.Exec(t.Context(), "lock table view.sales_by_day"); err != nil { // so that reading waits
		t.Fatal(err)
	}
	heard := make(chan string)
	const back = 10
	for range back {
		go func() {
			var first [200]byte
			request, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/v1/sales/stream", nil)
			if err != nil {
				heard <- err.Error()
				return
			}
			request.Header.Set("Authorization", "Bearer "+s.bearer("maker-1"))
			request.Header.Set("Last-Event-ID", "42")
			response, err := s.Client().Do(request)
			if err != nil {
				heard <- err.Error()
				return
			}
			defer response.Body.Close()
			n, _ := io.ReadAtLeast(response.Body, first[:], len("id: 43\nevent: sales\n"))
			heard <- string(first[:n])
		}()
	}
	for range 200 {
		if listening, _ := strconv.Atoi(s.metricOf("tillproof_query_listeners")); listening >= back {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	var reading int
	err = s.db.Owner.QueryRow(t.Context(), `
		select count(*) from pg_stat_activity where datname = current_database() and query like '%sales_by_day%' and wait_event_type = 'Lock'`).Scan(&reading)
	if err != nil || reading > 1 {
		t.Errorf("%d read for one actor, %v", reading, err)
	}
	if err := locked.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range back {
		if got := <-heard; !strings.HasPrefix(got, "id: 43\nevent: sales\n") {
			t.Errorf("one of them hears %q", got)
		}
	}
}

func TestTooMuchAtOnceIsForReadingAnew(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	_, err := s.db.Collector.Exec(context.Background(), `
		insert into view.sales_by_day select 'm1', 'main', 'i' || n, 'S2', '2024-03-01', 'EUR', 1, 0, 1, 0, 1, 1, 42 from generate_series(1, 1100) n`)
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := s.listen("maker-1", "41").next(); e.kind != "reload" || !strings.Contains(e.data, `"changedSince":41`) {
		t.Errorf("got %+v", e)
	}
}

func TestAStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	token := s.bearer("maker-1")
	s.now.advance(15*time.Minute - 2*time.Second)
	got := s.do("GET", "/v1/sales/stream", "", "Authorization", "Bearer "+token)
	if got.StatusCode != 200 || !strings.HasSuffix(got.body, "event: end\ndata: {\"reason\":\"token\"}\n\n") {
		t.Errorf("%d %q", got.StatusCode, got.body)
	}
}

// When the server stops, it must not wait for listeners, who would never leave.
func TestAStreamEndsWithTheServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	l := s.listen("maker-1", "")
	l.next()
	s.stopFeed()
	if e, ok := l.next(); ok {
		t.Errorf("the stream goes on with %+v", e)
	}
	if got := s.get("maker-1", "/v1/sales/stream"); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
		t.Errorf("a stream of a stopped server: %d", got.StatusCode)
	}
}

func TestAUserHasSomeStreamsOnly(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	var open []*listener
	for range 20 {
		l := s.listen("maker-1", "")
		l.next()
		open = append(open, l)
	}
	if got := s.get("maker-1", "/v1/sales/stream"); got.StatusCode != 429 {
		t.Errorf("one too many: %d", got.StatusCode)
	}
	s.listen("maker-2", "").next()
	open[0].close()
	for range 100 { // until the server sees that it has gone
		if s.metricOf("tillproof_query_listeners") == "20" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.listen("maker-1", "").next()
}

func (s *testServer) metricOf(name string) string {
	s.t.Helper()
	for line := range strings.Lines(s.do("GET", "/metrics", "").body) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
