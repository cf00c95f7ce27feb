package simulate

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// winter covers the end of daylight saving time, on 2026-10-25.
func winter(folder string) Options {
	return Options{
		Stores: 7, Customers: 80, Tickets: 6000, Seed: 7, Folder: folder,
		From: time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC),
		To:   time.Date(2026, 11, 8, 0, 0, 0, 0, time.UTC),
	}
}

// made runs a simulation and reads its tickets back as a collector would.
func made(t *testing.T, options Options) []*ticket.Ticket {
	t.Helper()
	if err := Run(context.Background(), options); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(options.Folder, "tickets.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	now := options.To.Add(36 * time.Hour)
	var tickets []*ticket.Ticket
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, ticket.MaxBytes)
	for lines.Scan() {
		decoded, err := ticket.Decode(lines.Bytes())
		if err != nil {
			t.Fatalf("ticket %d: %v\n%s", len(tickets)+1, err, lines.Bytes())
		}
		if problems := decoded.Check(now); len(problems) > 0 {
			t.Fatalf("ticket %d: %v\n%s", len(tickets)+1, problems, lines.Bytes())
		}
		if !bytes.Equal(decoded.Canonical(), lines.Bytes()) {
			t.Fatalf("ticket %d is not canonical:\n%s", len(tickets)+1, lines.Bytes())
		}
		tickets = append(tickets, decoded)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return tickets
}

func TestEveryTicketIsValidUniqueAndInOrder(t *testing.T) {
	options := winter(t.TempDir())
	tickets := made(t, options)
	if len(tickets) != options.Tickets {
		t.Fatalf("%d tickets, want %d", len(tickets), options.Tickets)
	}
	ids, numbers := map[string]bool{}, map[string]bool{}
	last := map[string]int64{}
	var before time.Time
	for _, made := range tickets {
		if ids[made.TransactionID] {
			t.Errorf("transaction %s twice", made.TransactionID)
		}
		ids[made.TransactionID] = true
		till := made.StoreID + "/" + made.WorkstationID
		number := fmt.Sprintf("%s/%s/%d", till, made.BusinessDayDate, made.SequenceNumber)
		if numbers[number] {
			t.Errorf("%s twice", number)
		}
		numbers[number] = true
		if previous, known := last[till]; known && made.SequenceNumber != previous%lastSequence+1 {
			t.Errorf("till %s goes from %d to %d", till, previous, made.SequenceNumber)
		}
		last[till] = made.SequenceNumber
		if end := made.EndDateTime.Time(); end.Before(before) {
			t.Errorf("%s lies before the ticket before it", end)
		} else {
			before = end
		}
	}
}

// The chain trades by its own clocks: offsets follow daylight saving, nothing
// happens on Sundays, and after midnight it is still the business day before.
func TestTimesAreTheStoresOwn(t *testing.T) {
	options := winter(t.TempDir())
	offsets, afterMidnight := map[string]int{}, 0
	for _, made := range made(t, options) {
		end := made.EndDateTime.Time()
		date := made.BusinessDayDate.Time()
		if date.Weekday() == time.Sunday {
			t.Errorf("%s trades on Sunday %s", made.StoreID, made.BusinessDayDate)
		}
		switch days := end.YearDay() - date.YearDay(); {
		case days == 1 && end.Hour() <= 1:
			afterMidnight++
		case days != 0 || end.Hour() < 6 || end.Hour() > 21 && !isLate(date):
			t.Errorf("%s on business day %s", end, made.BusinessDayDate)
		}
		_, offset := end.Zone()
		offsets[fmt.Sprint(made.StoreID[:2], offset/3600)]++
	}
	for _, zone := range []string{"DE2", "DE1", "IE1", "IE0"} {
		if offsets[zone] == 0 {
			t.Errorf("no ticket at offset %s, of %v", zone, offsets)
		}
	}
	if len(offsets) != 4 || afterMidnight == 0 {
		t.Errorf("offsets %v, %d tickets after midnight", offsets, afterMidnight)
	}
}

func isLate(date time.Time) bool {
	return date.Weekday() == time.Friday || date.Weekday() == time.Saturday
}

func TestSameSeedSameBytes(t *testing.T) {
	first, again, other := winter(t.TempDir()), winter(t.TempDir()), winter(t.TempDir())
	other.Seed++
	for _, options := range []Options{first, again, other} {
		if err := Run(context.Background(), options); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"stores", "customers", "manufacturers", "products", "tickets"} {
		bytesOf := func(options Options) []byte {
			content, err := os.ReadFile(filepath.Join(options.Folder, name+".ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			return content
		}
		if !bytes.Equal(bytesOf(first), bytesOf(again)) {
			t.Errorf("%s differ at the same seed", name)
		}
		if name == "tickets" && bytes.Equal(bytesOf(first), bytesOf(other)) {
			t.Errorf("%s are the same at another seed", name)
		}
	}
}

// More tickets are more of the same chain, not another one.
func TestChainDoesNotHangOnTheTickets(t *testing.T) {
	few, many := winter(t.TempDir()), winter(t.TempDir())
	few.Tickets = 10
	for _, options := range []Options{few, many} {
		if err := Run(context.Background(), options); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"stores.ndjson", "customers.ndjson", "products.ndjson"} {
		a, errA := os.ReadFile(filepath.Join(few.Folder, name))
		b, errB := os.ReadFile(filepath.Join(many.Folder, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differ with the number of tickets (%v, %v)", name, errA, errB)
		}
	}
}

func TestExtremes(t *testing.T) {
	sunday := time.Date(2026, 11, 8, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]func(*Options){
		"no tickets":         func(o *Options) { o.Tickets = 0 },
		"no customers":       func(o *Options) { o.Customers = 0 },
		"more stores":        func(o *Options) { o.Stores, o.Customers = 300, 5 },
		"one store, one day": func(o *Options) { o.Stores, o.To = 1, o.From },
		"one busy day":       func(o *Options) { o.Stores, o.To, o.Tickets = 1, o.From, 20_000 },
	} {
		t.Run(name, func(t *testing.T) {
			options := winter(t.TempDir())
			change(&options)
			if got := len(made(t, options)); got != options.Tickets {
				t.Errorf("%d tickets, want %d", got, options.Tickets)
			}
		})
	}
	for name, change := range map[string]func(*Options){
		"no store":      func(o *Options) { o.Stores = 0 },
		"less than no":  func(o *Options) { o.Tickets = -1 },
		"backwards":     func(o *Options) { o.To = o.From.AddDate(0, 0, -1) },
		"only a Sunday": func(o *Options) { o.From, o.To = sunday, sunday },
		"centuries":     func(o *Options) { o.From = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC) },
		"nowhere":       func(o *Options) { o.Folder = "" },
	} {
		options := winter(t.TempDir())
		change(&options)
		if err := options.Check(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFilesAreCompleteOrAbsent(t *testing.T) {
	options := winter(filepath.Join(t.TempDir(), "new"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, options); err == nil {
		t.Fatal("no error of an interrupted run")
	}
	if left, _ := os.ReadDir(options.Folder); len(left) != 0 {
		t.Errorf("an interrupted run leaves %v", left)
	}
	if err := Run(context.Background(), options); err != nil {
		t.Fatal(err)
	}
	if err := Run(context.Background(), options); err == nil {
		t.Error("files are replaced without being asked to")
	}
	options.Overwrite = true
	if err := Run(context.Background(), options); err != nil {
		t.Error(err)
	}
}
