package api_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

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
