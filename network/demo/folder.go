package demo

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// kinds are the registration files, in the order in which they must be loaded:
// a product may name its manufacturer.
var kinds = []string{"stores", "manufacturers", "customers", "products"}

// A Folder holds a retailer's data: <kind>.ndjson of the kinds above, each of
// which may be missing, and tickets.ndjson.
type Folder string

func (f Folder) file(name string) string { return filepath.Join(string(f), name+".ndjson") }

// Check says early what is wrong with a folder that somebody named.
func (f Folder) Check() error {
	if _, err := os.Stat(f.file("tickets")); err != nil {
		return fmt.Errorf("there are no tickets to load: %w", err)
	}
	return nil
}

// A person is a demo user, with what the folder has for them to stand for.
type person struct {
	user, role string
	scope      map[string]any
}

func (f Folder) people() ([]person, error) {
	customer, err := f.busiestCustomer()
	if err != nil {
		return nil, err
	}
	store, err := f.firstID("stores", "storeId")
	if err != nil {
		return nil, err
	}
	maker, err := f.firstID("manufacturers", "manufacturerId")
	if err != nil {
		return nil, err
	}
	var people []person
	if customer != "" {
		people = append(people, person{Customer, "customer", map[string]any{"loyaltyId": customer}})
	}
	if store != "" {
		people = append(people, person{Store, "store", map[string]any{"storeIds": []string{store}}})
	}
	if maker != "" {
		people = append(people, person{Maker, "manufacturer", map[string]any{"manufacturerId": maker}})
	}
	return people, nil
}

// firstID is the id in the first row of a registration file, or "" if there is
// no such file or row.
func (f Folder) firstID(kind, field string) (string, error) {
	file, err := os.Open(f.file(kind))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	var row map[string]any
	if err := json.NewDecoder(file).Decode(&row); errors.Is(err, io.EOF) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("read %s: %w", f.file(kind), err)
	}
	id, _ := row[field].(string)
	return id, nil
}

// busiestCustomer is the member with the most tickets; of several, the one
// whose id comes first.
func (f Folder) busiestCustomer() (string, error) {
	file, err := os.Open(f.file("tickets"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	tickets := map[string]int{}
	reader := bufio.NewReaderSize(file, 1<<20)
	for {
		line, err := reader.ReadString('\n')
		if strings.TrimSpace(line) != "" {
			// A line that is no ticket will be refused, with a reason, when
			// it is uploaded.
			var ticket struct{ LoyaltyID string }
			if json.Unmarshal([]byte(line), &ticket) == nil && ticket.LoyaltyID != "" {
				tickets[ticket.LoyaltyID]++
			}
		}
		if errors.Is(err, io.EOF) {
			return busiest(tickets), nil
		}
		if err != nil {
			return "", err
		}
	}
}

func busiest(tickets map[string]int) string {
	best := ""
	for id, n := range tickets {
		if best == "" || cmp.Or(cmp.Compare(tickets[best], n), cmp.Compare(id, best)) < 0 {
			best = id
		}
	}
	return best
}
