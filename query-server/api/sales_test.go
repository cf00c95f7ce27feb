package api_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/query-server/api"
)

func TestSalesJSON(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type sales struct {
		Items []json.RawMessage
		AsOf  struct{ Block int64 }
	}
	for _, test := range []struct{ user, query, want string }{
		{"maker-1", "", `{"currencyCode":"EUR","unitsSold":4.5,"unitsReturned":1,"amountSold":850,"amountReturned":200,"amountNet":650,"lines":5,"tickets":3,"averagePrice":188.89,"stores":2}`},
		{"maker-1", "groupBy=product&storeId=" + url.QueryEscape(hotstatetest.TroubleStore) + "&itemId=A",
			`{"retailerId":"main","itemId":"A","currencyCode":"EUR","unitsSold":3.5,"unitsReturned":0,"amountSold":700,"amountReturned":0,"amountNet":700,"lines":3,"tickets":2,"averagePrice":200,"stores":1,"description":"Apples"}`},
		{"maker-2", "groupBy=store,month&from=2024-02-01",
			`{"storeId":"X1","month":"2024-02","currencyCode":"JPY","unitsSold":3,"unitsReturned":0,"amountSold":1500,"amountReturned":0,"amountNet":1500,"lines":1,"tickets":1,"averagePrice":500,"storeName":"Elsewhere"}`},
		{"north", "groupBy=day&groupBy=store&from=2024-02-10",
			`{"storeId":"Nord/1, \"A\"","day":"2024-02-10","currencyCode":"EUR","unitsSold":0.742,"unitsReturned":0,"amountSold":90,"amountReturned":0,"amountNet":90,"lines":1,"tickets":1,"averagePrice":121.29,"storeName":"North"}`},
		{"auditor", "", `{"currencyCode":"EUR","unitsSold":6.242,"unitsReturned":1,"amountSold":1040,"amountReturned":200,"amountNet":840,"lines":7,"tickets":4,"averagePrice":166.61,"stores":2}` +
			` {"currencyCode":"JPY","unitsSold":3,"unitsReturned":0,"amountSold":1500,"amountReturned":0,"amountNet":1500,"lines":1,"tickets":1,"averagePrice":500,"stores":1}`},
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
		{"retailerId", "itemId", "storeId", "day", "currencyCode", "unitsSold", "unitsReturned", "amountSold", "amountReturned", "amountNet", "lines", "tickets", "averagePrice", "description", "storeName"},
		{"main", "'-B", hotstatetest.TroubleStore, "2024-01-15", "EUR", "1", "0", "150", "0", "150", "1", "1", "150", "", "North"},
		{"main", "A", hotstatetest.TroubleStore, "2024-01-15", "EUR", "2", "0", "400", "0", "400", "1", "1", "200", "Apples", "North"},
		{"main", "C", hotstatetest.TroubleStore, "2024-01-15", "EUR", "1", "0", "100", "0", "100", "1", "1", "100", "Cheese", "North"},
		{"main", "A", hotstatetest.TroubleStore, "2024-01-31", "EUR", "1.5", "0", "300", "0", "300", "2", "1", "200", "Apples", "North"},
		{"main", "A", "S2", "2024-02-01", "EUR", "0", "1", "0", "200", "-200", "1", "1", "", "Apples", "South"},
		{"main", "'=cmd|'/c calc'!A1", hotstatetest.TroubleStore, "2024-02-10", "EUR", "0.742", "0", "90", "0", "90", "1", "1", "121.29", "", "North"},
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
	if empty.body != "currencyCode,unitsSold,unitsReturned,amountSold,amountReturned,amountNet,lines,tickets,averagePrice,stores\n" {
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

// Names are told to whoever sees the sums, and to nobody else: a manufacturer reads no other product and no other store.
func TestNamesInSales(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for user, want := range map[string]string{
		"maker-1":   "A Apples, B <nil> | North, South",
		"maker-2":   "A Anchors, C Cheese | Elsewhere, North",
		"north":     "A Apples, B <nil>, C Cheese, D Dates | North",
		"chain":     "A Apples, B <nil>, C Cheese, D Dates | North, South",
		"elsewhere": "A Anchors | Elsewhere",
		"auditor":   "A Anchors, A Apples, B <nil>, C Cheese, D Dates | Elsewhere, North, South",
	} {
		products := items("{itemId} {description}")(s.get(user, "/v1/sales?groupBy=product").body)
		stores := items("{storeName}")(s.get(user, "/v1/sales?groupBy=store").body)
		slices.Sort(products)
		slices.Sort(stores)
		got := strings.Join(slices.Compact(products), ", ") + " | " + strings.Join(slices.Compact(stores), ", ")
		if got != want {
			t.Errorf("%s reads %s, want %s", user, got, want)
		}
	}
}

// Where a retailer asks for it, a manufacturer does not see sums of few tickets; everybody else still does.
func TestSmallestCells(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1", func(o *api.Options) {
		o.SmallestCells = hotstate.SmallestCells{ByRetailer: map[string]int{"main": 2}, Otherwise: 1}
	})
	for request, want := range map[string]string{
		"maker-1 groupBy=product":           "A",
		"maker-1 groupBy=product,store,day": "",
		"maker-1 groupBy=store":             "Nord/1, \"A\"",
		"maker-1 groupBy=day":               "",
		"maker-1 groupBy=month":             "2024-01",
		"maker-1 ":                          "EUR",
		"maker-2 groupBy=product":           "A",
		"maker-2 groupBy=store":             "X1",
		"north groupBy=product":             "A B C D",
	} {
		user, query, _ := strings.Cut(request, " ")
		got := s.get(user, "/v1/sales?"+query)
		var shown []string
		for _, item := range decode[struct{ Items []map[string]any }](t, got).Items {
			for _, key := range []string{"itemId", "storeId", "day", "month", "currencyCode"} {
				if value, has := item[key]; has {
					shown = append(shown, value.(string))
					break
				}
			}
		}
		if text := strings.Join(shown, " "); text != want {
			t.Errorf("%s: %q, want %q", request, text, want)
		}
		if csv := s.get(user, "/v1/sales?format=csv&"+query); strings.Count(csv.body, "\n") != len(shown)+1 {
			t.Errorf("%s: the CSV has other rows:\n%s", request, csv.body)
		}
	}
}
