package simulate

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRegistrationsCoverTheTickets(t *testing.T) {
	options := winter(t.TempDir())
	tickets := made(t, options)
	stores := rowsOf(t, options, "stores", "storeId")
	products := rowsOf(t, options, "products", "itemId")
	customers := rowsOf(t, options, "customers", "loyaltyId")
	for _, made := range tickets {
		if stores[made.StoreID] == nil || made.LoyaltyID != "" && customers[made.LoyaltyID] == nil {
			t.Errorf("%s: store %q or member %q is not registered", made.TransactionID, made.StoreID, made.LoyaltyID)
		}
		for _, line := range made.LineItems {
			if products[line.ItemID] == nil {
				t.Errorf("%s: product %q is not registered", made.TransactionID, line.ItemID)
			}
		}
	}
	for id, row := range stores {
		if _, err := time.LoadLocation(row["timeZone"].(string)); err != nil || row["currencyCode"] != "EUR" || row["name"] == "" {
			t.Errorf("store %s: %v", id, row)
		}
	}
}

// rowsOf reads a registration file by its ids, which must be unique.
func rowsOf(t *testing.T, options Options, name, id string) map[string]map[string]any {
	t.Helper()
	file, err := os.Open(filepath.Join(options.Folder, name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := map[string]map[string]any{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		key := row[id].(string)
		if rows[key] != nil {
			t.Errorf("%s %q twice", id, key)
		}
		rows[key] = row
	}
	return rows
}
