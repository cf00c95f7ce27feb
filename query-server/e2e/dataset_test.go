package e2e_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The real data sets, and what is particular to each.
var sets = []string{"dunnhumby-2017-01", "online-retail-2010-12"}

// A dataset is one of them, as far as the tests need it.
type dataset struct {
	folder  string
	stores  map[string]bool
	tickets []ticketRow
}

type ticketRow struct {
	TransactionID string `json:"transactionId"`
	StoreID       string `json:"storeId"`
	LoyaltyID     string `json:"loyaltyId"`
	Totals        struct {
		Grand int64 `json:"grand"`
	} `json:"totals"`
}

// eachSet runs a test on each data set that was loaded, and says why it leaves one out.
func eachSet(t *testing.T, f func(t *testing.T, s *system, d *dataset)) {
	s := running(t)
	for _, name := range sets {
		t.Run(name, func(t *testing.T) {
			root := os.Getenv("TILLPROOF_E2E_DATA")
			if root == "" {
				t.Skip("TILLPROOF_E2E_DATA is not set: the real data sets are not beside the project")
			}
			f(t, s, readSet(t, filepath.Join(root, name)))
		})
	}
}

func readSet(t *testing.T, folder string) *dataset {
	t.Helper()
	d := &dataset{folder: folder, stores: make(map[string]bool)}
	eachLine(t, filepath.Join(folder, "stores.ndjson"), func(line []byte) error {
		var row struct {
			StoreID string `json:"storeId"`
		}
		err := json.Unmarshal(line, &row)
		d.stores[row.StoreID] = true
		return err
	})
	eachLine(t, filepath.Join(folder, "tickets.ndjson"), func(line []byte) error {
		var row ticketRow
		err := json.Unmarshal(line, &row)
		d.tickets = append(d.tickets, row)
		return err
	})
	return d
}

func eachLine(t *testing.T, name string, f func(line []byte) error) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 2<<20)
	for lines.Scan() {
		if err := f(lines.Bytes()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// table reads an expected table as rows by column name. A set need not have every table.
func (d *dataset) table(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join(d.folder, "expected", name+".csv"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this set has no expected table %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(records))
	for _, record := range records[1:] {
		row := make(map[string]string, len(record))
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}
