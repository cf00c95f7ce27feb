package api_test

import (
	"reflect"
	"strings"
	"testing"
)

type object = map[string]any // any JSON object

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
