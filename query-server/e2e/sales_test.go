package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
)

// figures are what a sales table says of a cell; what it has no column for is left out of the comparison.
type figures map[string]string

// expect takes a row's figures in the terms of the API.
func expect(t *testing.T, row map[string]string) figures {
	t.Helper()
	want := make(figures)
	for column, text := range row {
		switch column {
		case "units_sold":
			want["unitsSold"] = text
		case "units_returned":
			want["unitsReturned"] = text
		case "lines":
			want["lines"] = text
		case "receipts":
			want["tickets"] = text
		case "amount", "amount_net":
			want["amountNet"] = fmt.Sprint(minor(t, text))
		case "amount_sold":
			want["amountSold"] = fmt.Sprint(minor(t, text))
		case "amount_returned":
			want["amountReturned"] = fmt.Sprint(minor(t, text))
		}
	}
	return want
}

func (s sale) figures() figures {
	return figures{
		"unitsSold": s.UnitsSold.String(), "unitsReturned": s.UnitsReturned.String(),
		"amountSold": fmt.Sprint(s.AmountSold), "amountReturned": fmt.Sprint(s.AmountReturned),
		"amountNet": fmt.Sprint(s.AmountNet), "lines": fmt.Sprint(s.Lines), "tickets": fmt.Sprint(s.Tickets),
	}
}

// compare holds an answer against the expected rows: each there, once, with these figures, and nothing besides.
func compare(t *testing.T, want map[string]figures, got []sale, key func(sale) string) {
	t.Helper()
	seen := make(map[string]bool)
	for _, row := range got {
		at := key(row)
		expected, found := want[at]
		if !found {
			t.Errorf("%s: the answer has a row that is not expected: %+v", at, row)
			continue
		}
		if seen[at] {
			t.Errorf("%s: the answer has it twice", at)
		}
		seen[at] = true
		is := row.figures()
		for name, value := range expected {
			if is[name] != value {
				t.Errorf("%s: %s is %s, want %s", at, name, is[name], value)
			}
		}
	}
	for at := range want {
		if !seen[at] {
			t.Errorf("%s: the answer lacks it", at)
		}
	}
}

func TestSalesByProductStoreAndDay(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		want := make(map[string]figures)
		for _, row := range d.table(t, "sales_by_product_store_day") {
			want[row["product"]+"|"+row["store"]+"|"+row["day"]] = expect(t, row)
		}
		key := func(row sale) string { return row.ItemID + "|" + row.StoreID + "|" + row.Day }
		all := slices.DeleteFunc(s.sales(t, auditor, "product,store,day"), func(row sale) bool { return !d.stores[row.StoreID] })
		compare(t, want, all, key)

		var own []sale // the same, each store asking for itself
		for id := range d.stores {
			own = append(own, s.sales(t, store(id), "product,store,day")...)
		}
		compare(t, want, own, key)
	})
}

func TestSalesByManufacturerStoreAndMonth(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		want := make(map[string]map[string]figures)
		for _, row := range d.table(t, "sales_by_manufacturer_store_month") {
			if want[row["manufacturer"]] == nil {
				want[row["manufacturer"]] = make(map[string]figures)
			}
			want[row["manufacturer"]][row["store"]+"|"+row["month"]] = expect(t, row)
		}
		for id, rows := range want {
			compare(t, rows, s.sales(t, manufacturer(id), "store,month"), func(row sale) string { return row.StoreID + "|" + row.Month })
		}
	})
}

func TestSalesByStoreAndMonth(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		want := make(map[string]figures)
		for _, row := range d.table(t, "sales_by_store_month") {
			expected := expect(t, row)
			expected["tickets"] = fmt.Sprint(number(t, row["sales"]) + number(t, row["returns"]))
			want[row["store"]+"|"+row["month"]] = expected
		}
		key := func(row sale) string { return row.StoreID + "|" + row.Month }
		all := slices.DeleteFunc(s.sales(t, auditor, "store,month"), func(row sale) bool { return !d.stores[row.StoreID] })
		compare(t, want, all, key)
		var own []sale
		for id := range d.stores {
			own = append(own, s.sales(t, store(id), "store,month")...)
		}
		compare(t, want, own, key)
	})
}

// What belongs to one manufacturer must not come back to another, whatever they ask for.
func TestSalesAskedAsSomebodyElse(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		owned := make(map[string]map[string]bool) // manufacturer → products
		eachLine(t, d.folder+"/products.ndjson", func(line []byte) error {
			var row struct{ ItemID, ManufacturerID string }
			err := json.Unmarshal(line, &row)
			if owned[row.ManufacturerID] == nil {
				owned[row.ManufacturerID] = make(map[string]bool)
			}
			owned[row.ManufacturerID][row.ItemID] = true
			return err
		})
		if len(owned) < 2 {
			t.Skip("this set has no manufacturers")
		}
		makers := slices.Sorted(maps.Keys(owned))
		for i, id := range makers {
			for _, row := range s.sales(t, manufacturer(id), "product") {
				if !owned[id][row.ItemID] {
					t.Errorf("manufacturer %s is shown product %s of another", id, row.ItemID)
				}
			}
			item := slices.Min(slices.Collect(maps.Keys(owned[id])))
			another := makers[(i+1)%len(makers)]
			for _, stranger := range []hotstate.Actor{manufacturer(another), manufacturer("nobody"), store("no such store")} {
				if rows := s.sales(t, stranger, "product,store,day", "itemId", item); len(rows) != 0 {
					t.Errorf("%+v is shown product %s of manufacturer %s", stranger, item, id)
				}
			}
		}
	})
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
