package api_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

type object = map[string]any

func TestPoints(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	asOf := object{"block": 42.0, "time": "2024-02-10T20:00:00Z"}
	for name, want := range map[string]object{
		"customer-a": {"available": 21.0, "pending": 5.0, "held": 0.0, "expiring": []any{}, "asOf": asOf},
		"customer-b": {"available": 3.0, "pending": 2.0, "held": 0.0, "expiring": []any{}, "asOf": asOf},
	} {
		got := s.get(name, "/v1/points")
		if points := decode[object](t, got); !reflect.DeepEqual(points, want) {
			t.Errorf("%s has %v, want %v", name, points, want)
		}
		if !strings.HasPrefix(got.Header.Get("Cache-Control"), "private") {
			t.Errorf("points may be cached: %q", got.Header.Get("Cache-Control"))
		}
	}
}

func TestPointsStatement(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type statement struct {
		Items []struct {
			Kind                 string
			Points, BalanceAfter int64
			Ticket               struct{ TransactionID string }
			Ledger               struct {
				Channel, TxID string
				Block         int64
			}
		}
		NextCursor *string
	}
	whole := decode[statement](t, s.get("customer-a", "/v1/points/entries"))
	if len(whole.Items) != 2 || whole.NextCursor != nil {
		t.Fatalf("the statement: %+v", whole)
	}
	newest, oldest := whole.Items[0], whole.Items[1]
	if newest.Points != 15 || newest.BalanceAfter != 21 || newest.Ledger.TxID != "tx-t4" || newest.Ledger.Block != 42 || newest.Ledger.Channel != "tickets" ||
		oldest.Points != 6 || oldest.BalanceAfter != 6 || !strings.HasSuffix(oldest.Ticket.TransactionID, "1") {
		t.Errorf("the statement: %+v", whole)
	}
	first := decode[statement](t, s.get("customer-a", "/v1/points/entries?limit=1"))
	second := decode[statement](t, s.get("customer-a", "/v1/points/entries?limit=1&cursor="+*first.NextCursor))
	if !reflect.DeepEqual(append(first.Items, second.Items...), whole.Items) || second.NextCursor != nil {
		t.Errorf("pages differ from the whole: %+v, %+v", first, second)
	}
}

type ticketList struct {
	Items []struct {
		TransactionID, Status, TransactionType, StoreID, CurrencyCode, EndDateTime string
		Reason                                                                     *string
		GrandTotal                                                                 int64
		Points                                                                     struct{ Earned, Pending *int64 }
	}
	NextCursor string
}

// numbers names a list's tickets by their last digit.
func (l ticketList) numbers() string {
	text := ""
	for _, item := range l.Items {
		text += item.TransactionID[len(item.TransactionID)-1:]
	}
	return text
}

func TestTickets(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	north := url.QueryEscape(hotstatetest.TroubleStore)
	for _, test := range []struct{ user, query, want string }{
		{"customer-a", "", "7641"}, {"customer-b", "", "82"}, {"north", "", "76521"}, {"elsewhere", "", "4"}, {"chain", "", "7685321"},
		{"chain", "status=recorded", "5321"}, {"chain", "status=accepted", "68"}, {"chain", "status=rejected", "7"},
		{"chain", "from=2024-01-31&to=2024-02-10", "532"}, {"chain", "to=2024-01-15", "1"}, {"chain", "from=2024-02-11", "768"},
		{"chain", "storeId=S2", "83"}, {"chain", "storeId=" + north, "76521"}, {"chain", "workstationId=till+1&storeId=S2", "83"},
		{"chain", "workstationId=till+2", ""},
	} {
		list := decode[ticketList](t, s.get(test.user, "/v1/tickets?"+test.query))
		if got := list.numbers(); got != test.want || list.NextCursor != "" {
			t.Errorf("%s, %s: tickets %q, want %q", test.user, test.query, got, test.want)
		}
		// The same by pages of two.
		paged, cursor := "", ""
		for range 5 {
			page := decode[ticketList](t, s.get(test.user, "/v1/tickets?limit=2&"+test.query+cursor))
			paged += page.numbers()
			if page.NextCursor == "" {
				break
			}
			cursor = "&cursor=" + page.NextCursor
		}
		if paged != test.want {
			t.Errorf("%s, %s: by pages %q, want %q", test.user, test.query, paged, test.want)
		}
	}
	list := decode[ticketList](t, s.get("chain", "/v1/tickets?from=2024-02-11"))
	rejected, accepted := list.Items[0], list.Items[1]
	if rejected.Status != "rejected" || rejected.Reason == nil || rejected.Points.Pending != nil {
		t.Errorf("rejected: %+v", rejected)
	}
	if accepted.Status != "accepted" || *accepted.Points.Pending != 5 || accepted.GrandTotal != 500 || accepted.CurrencyCode != "EUR" ||
		accepted.EndDateTime != "2024-02-11T13:00:00+01:00" || accepted.TransactionType != "Sale" {
		t.Errorf("accepted: %+v", accepted)
	}
	if own := decode[ticketList](t, s.get("customer-a", "/v1/tickets?status=rejected")); own.Items[0].Reason != nil {
		t.Errorf("a customer reads the store's reason: %+v", own)
	}
}

func TestTicketDocument(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type document struct {
		Status, TransactionID string
		Points                struct{ Earned, Pending *int64 }
		Ledger                *struct{ TxID string }
		Reason                *string
		Ticket                struct {
			LoyaltyID, OperatorID string
			Totals                struct{ Grand int64 }
			Tenders               []struct{ Reference string }
		}
	}
	read := func(user, number string) document {
		return decode[document](t, s.get(user, "/v1/tickets/00000000-0000-4000-8000-00000000000"+number))
	}
	recorded := read("north", "1")
	if recorded.Status != "recorded" || *recorded.Points.Earned != 6 || recorded.Ledger.TxID != "tx-t1" || recorded.Ticket.LoyaltyID != "a" ||
		recorded.Ticket.OperatorID != "op-7" || recorded.Ticket.Tenders[0].Reference != "auth-1" || recorded.Ticket.Totals.Grand != 650 {
		t.Errorf("recorded, for the store: %+v", recorded)
	}
	if mine := read("customer-a", "1"); mine.Ticket.OperatorID != "" || mine.Ticket.LoyaltyID != "a" {
		t.Errorf("recorded, for the customer: %+v", mine)
	}
	if open := read("customer-a", "6"); open.Status != "accepted" || *open.Points.Pending != 5 || open.Ledger != nil ||
		open.Ticket.OperatorID != "" || open.Ticket.Totals.Grand != 500 {
		t.Errorf("accepted, for the customer: %+v", open)
	}
	if rejected := read("north", "7"); rejected.Status != "rejected" || rejected.Reason == nil || rejected.Points.Pending != nil {
		t.Errorf("rejected, for the store: %+v", rejected)
	}
	if mine := read("customer-a", "7"); mine.Reason != nil {
		t.Errorf("rejected, for the customer: %+v", mine)
	}
	// Erasure empties the person part: the store keeps the trade.
	if _, err := s.db.Collector.Exec(context.Background(), `update view.tickets set person = null, loyalty_id = null where tx_id = 'tx-t1'`); err != nil {
		t.Fatal(err)
	}
	if erased := read("north", "1"); erased.Ticket.LoyaltyID != "" || erased.Ticket.Totals.Grand != 650 {
		t.Errorf("erased: %+v", erased)
	}
}

func TestSalesJSON(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type sales struct {
		Items []json.RawMessage
		AsOf  struct{ Block int64 }
	}
	for _, test := range []struct{ user, query, want string }{
		{"maker-1", "", `{"currencyCode":"EUR","unitsSold":4.5,"unitsReturned":1,"amountSold":850,"amountReturned":200,"amountNet":650,"lines":5,"tickets":3}`},
		{"maker-1", "groupBy=product&storeId=" + url.QueryEscape(hotstatetest.TroubleStore) + "&itemId=A",
			`{"retailerId":"main","itemId":"A","currencyCode":"EUR","unitsSold":3.5,"unitsReturned":0,"amountSold":700,"amountReturned":0,"amountNet":700,"lines":3,"tickets":2}`},
		{"maker-2", "groupBy=store,month&from=2024-02-01",
			`{"storeId":"X1","month":"2024-02","currencyCode":"JPY","unitsSold":3,"unitsReturned":0,"amountSold":1500,"amountReturned":0,"amountNet":1500,"lines":1,"tickets":1}`},
		{"north", "groupBy=day&groupBy=store&from=2024-02-10",
			`{"storeId":"Nord/1, \"A\"","day":"2024-02-10","currencyCode":"EUR","unitsSold":0.742,"unitsReturned":0,"amountSold":90,"amountReturned":0,"amountNet":90,"lines":1,"tickets":1}`},
		{"auditor", "", `{"currencyCode":"EUR","unitsSold":6.242,"unitsReturned":1,"amountSold":1040,"amountReturned":200,"amountNet":840,"lines":7,"tickets":4}` +
			` {"currencyCode":"JPY","unitsSold":3,"unitsReturned":0,"amountSold":1500,"amountReturned":0,"amountNet":1500,"lines":1,"tickets":1}`},
	} {
		got := decode[sales](t, s.get(test.user, "/v1/sales?"+test.query))
		texts := make([]string, len(got.Items))
		for i, item := range got.Items {
			texts[i] = string(item)
		}
		if text := strings.Join(texts, " "); text != test.want || got.AsOf.Block != 42 {
			t.Errorf("%s, %s:\n got %s\nwant %s", test.user, test.query, text, test.want)
		}
	}
}

func TestSalesCSV(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	_, err := s.db.Collector.Exec(context.Background(), `
		update view.sales_by_day set item_id = '=cmd|''/c calc''!A1' where item_id = 'D';
		update view.sales_by_day set item_id = '-B' where item_id = 'B'`)
	if err != nil {
		t.Fatal(err)
	}
	const path = "/v1/sales?groupBy=product,store,day"
	bearer := "Bearer " + s.bearer("chain")
	got := s.do("GET", path, "", "Authorization", bearer, "Accept", "text/csv")
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/csv") || got.Header.Get("Tillproof-As-Of-Block") != "42" {
		t.Fatalf("%d %v %v\n%s", got.StatusCode, got.Header, err, got.body)
	}
	want := [][]string{
		{"retailerId", "itemId", "storeId", "day", "currencyCode", "unitsSold", "unitsReturned", "amountSold", "amountReturned", "amountNet", "lines", "tickets"},
		{"main", "'-B", hotstatetest.TroubleStore, "2024-01-15", "EUR", "1", "0", "150", "0", "150", "1", "1"},
		{"main", "'=cmd|'/c calc'!A1", hotstatetest.TroubleStore, "2024-02-10", "EUR", "0.742", "0", "90", "0", "90", "1", "1"},
		{"main", "A", hotstatetest.TroubleStore, "2024-01-15", "EUR", "2", "0", "400", "0", "400", "1", "1"},
		{"main", "A", hotstatetest.TroubleStore, "2024-01-31", "EUR", "1.5", "0", "300", "0", "300", "2", "1"},
		{"main", "A", "S2", "2024-02-01", "EUR", "0", "1", "0", "200", "-200", "1", "1"},
		{"main", "C", hotstatetest.TroubleStore, "2024-01-15", "EUR", "1", "0", "100", "0", "100", "1", "1"},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("CSV\n got %q\nwant %q", rows, want)
	}
	if byParameter := s.do("GET", path+"&format=csv", "", "Authorization", bearer); byParameter.body != got.body {
		t.Errorf("format=csv gives\n%s", byParameter.body)
	}
	for accept, kind := range map[string]string{"application/json, text/csv": "application/json", "*/*": "application/json", "text/csv;q=1": "text/csv"} {
		if got := s.do("GET", path, "", "Authorization", bearer, "Accept", accept); !strings.HasPrefix(got.Header.Get("Content-Type"), kind) {
			t.Errorf("Accept: %s gives %s", accept, got.Header.Get("Content-Type"))
		}
	}
	empty := s.do("GET", "/v1/sales?format=csv&from=2030-01-01", "", "Authorization", bearer)
	if empty.body != "currencyCode,unitsSold,unitsReturned,amountSold,amountReturned,amountNet,lines,tickets\n" {
		t.Errorf("an empty CSV: %q", empty.body)
	}
	if got := s.do("GET", path+"&format=csv&limit=5", "", "Authorization", bearer); got.StatusCode != 400 {
		t.Errorf("CSV with a limit: %d", got.StatusCode)
	}
}

// A sum beyond 64 bits is told to the last unit.
func TestSalesOfHugeAmounts(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	if _, err := s.db.Collector.Exec(context.Background(), `update view.sales_by_month set amount_sold = 90071992547409910001 where manufacturer_id = 'm2'`); err != nil {
		t.Fatal(err)
	}
	if got := s.get("maker-2", "/v1/sales?groupBy=store"); !strings.Contains(got.body, `"amountSold":90071992547409910001`) {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestReconciliation(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	_, err := s.db.Collector.Exec(context.Background(), `
		insert into book.refusals (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, content_mac, reason, received_at)
		values ('main', gen_random_uuid(), 'S2', 'till 1', '2024-01-01', 9, '', 'refused', now())`)
	if err != nil {
		t.Fatal(err)
	}
	want := object{"accepted": 9.0, "recorded": 5.0, "rejected": 2.0, "missing": 2.0, "conflicts": 1.0, "pointsOutstanding": 24.0,
		"asOf": object{"block": 42.0, "time": "2024-02-10T20:00:00Z"}}
	for _, name := range []string{"auditor", "admin"} {
		if got := decode[object](t, s.get(name, "/v1/reconciliation")); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// A ticket that the view has lost is missing, whatever book says of it.
	if _, err := s.db.Collector.Exec(context.Background(), `
		delete from view.lines where ticket_key = sha256('t5'); delete from view.tickets where ticket_key = sha256('t5')`); err != nil {
		t.Fatal(err)
	}
	if got := decode[object](t, s.get("auditor", "/v1/reconciliation")); got["missing"] != 3.0 || got["recorded"] != 4.0 {
		t.Errorf("after a loss: %v", got)
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	bearer := "Bearer " + s.bearer("maker-1")
	if got := s.do("GET", "/v1/sales", "", "Authorization", bearer); got.StatusCode != 200 {
		t.Fatalf("fresh: %d", got.StatusCode)
	}
	s.now.advance(16 * time.Minute)
	if got := s.do("GET", "/v1/sales", "", "Authorization", bearer); got.StatusCode != 401 {
		t.Errorf("expired: %d", got.StatusCode)
	}
}

func TestReadyTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	if got := s.do("GET", "/readyz", ""); got.StatusCode != 200 {
		t.Errorf("ready: %d %s", got.StatusCode, got.body)
	}
	s.db.Query.Close()
	if got := s.do("GET", "/readyz", ""); got.StatusCode != 503 || !strings.Contains(got.body, `"database"`) {
		t.Errorf("without a database: %d %s", got.StatusCode, got.body)
	}
	if got := s.do("GET", "/healthz", ""); got.StatusCode != 200 {
		t.Errorf("alive without a database: %d", got.StatusCode)
	}
	failed := s.get("maker-1", "/v1/sales")
	if failed.StatusCode != 500 || strings.Contains(failed.body, "pool") || strings.Contains(failed.body, "sql") {
		t.Errorf("an internal error tells: %d %s", failed.StatusCode, failed.body)
	}
	if got := s.do("GET", "/metrics", ""); !strings.Contains(got.body, `tillproof_query_request_seconds_count{method="GET",route="/v1/sales",status="500"} 1`) {
		t.Error("the metrics do not tell of the failed request")
	}
}
