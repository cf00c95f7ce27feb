package simulate

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

func TestReturnsAndVoidsFitTheirSales(t *testing.T) {
	options := winter(t.TempDir())
	options.Tickets = 20_000
	sales := map[string]*ticket.Ticket{}
	left := map[string]ticket.Quantity{} // by transaction and line
	paid := map[string]int64{}
	voids, linked, inSale := 0, 0, 0
	for _, made := range made(t, options) {
		if made.Type == ticket.PostVoid {
			voids++
			checkVoid(t, made, sales[made.VoidOf], left)
			continue
		}
		for _, line := range made.LineItems {
			if line.ReturnOf == nil {
				key := fmt.Sprint(made.TransactionID, line.SequenceNumber)
				left[key], paid[key] = line.Quantity, line.ExtendedAmount
				continue
			}
			linked++
			if made.Type == ticket.Sale {
				inSale++
			}
			key := fmt.Sprint(line.ReturnOf.TransactionID, line.ReturnOf.SequenceNumber)
			left[key] += line.Quantity
			paid[key] += line.ExtendedAmount
			if left[key] < 0 || paid[key] < 0 || left[key] == 0 && paid[key] != 0 {
				t.Errorf("line %s: %s pieces and %d cents are left of what was sold", key, left[key], paid[key])
			}
			sale := sales[line.ReturnOf.TransactionID]
			if sale == nil || sale.StoreID != made.StoreID {
				t.Errorf("%s returns what was not sold there before: %v", made.TransactionID, line.ReturnOf)
			} else if made.Type == ticket.Return && made.LoyaltyID != sale.LoyaltyID {
				t.Errorf("%s is another member's return", made.TransactionID)
			}
		}
		sales[made.TransactionID] = made
	}
	if voids < 10 || linked < 100 || inSale < 20 {
		t.Errorf("%d voids, %d linked lines, %d of them in sales", voids, linked, inSale)
	}
}

// checkVoid makes sure that the void and its sale add up to nothing, and that
// nothing of the sale can come back any more.
func checkVoid(t *testing.T, void, sale *ticket.Ticket, left map[string]ticket.Quantity) {
	t.Helper()
	if sale == nil || len(void.LineItems) != len(sale.LineItems) || void.Totals.Grand != -sale.Totals.Grand ||
		void.LoyaltyID != sale.LoyaltyID || len(void.Tenders) != len(sale.Tenders) {
		t.Fatalf("%s does not negate %v", void.TransactionID, sale)
	}
	for i, line := range void.LineItems {
		sold := sale.LineItems[i]
		if line.ItemID != sold.ItemID || line.Quantity != -sold.Quantity || line.ExtendedAmount != -sold.ExtendedAmount ||
			line.Tax.Amount != -sold.Tax.Amount {
			t.Errorf("%s line %d does not negate its sale's", void.TransactionID, i+1)
		}
		left[fmt.Sprint(sale.TransactionID, sold.SequenceNumber)] += line.Quantity
	}
}

func TestTradeIsBelievable(t *testing.T) {
	options := winter(t.TempDir())
	options.Tickets = 20_000
	var sizes []int
	count := map[string]int{}
	weekday := map[time.Weekday]int{}
	for _, made := range made(t, options) {
		count[string(made.Type)]++
		weekday[made.BusinessDayDate.Time().Weekday()]++
		if made.LoyaltyID != "" {
			count["member"]++
		}
		if made.Totals.Rounding.Present {
			count["rounded"]++
		}
		for _, tender := range made.Tenders {
			count[string(tender.Type)]++
			if tender.Type == ticket.Cash && tender.Amount < 0 && made.Type == ticket.Sale {
				count["change"]++
			}
		}
		for _, line := range made.LineItems {
			if line.Quantity%1000 != 0 {
				count["weighed"]++
			}
			for _, discount := range line.Discounts {
				count["promotion"] += min(1, len(discount.PromotionID))
				count["markdown"] += min(1, len(discount.ReasonCode))
			}
		}
		if made.Type == ticket.Sale {
			sizes = append(sizes, len(made.LineItems))
		}
	}
	slices.Sort(sizes)
	if median, largest := sizes[len(sizes)/2], sizes[len(sizes)-1]; median < 5 || median > 7 || largest < 40 {
		t.Errorf("baskets: median %d, largest %d", median, largest)
	}
	perMille := func(name string) int { return count[name] * 1000 / options.Tickets }
	for name, bounds := range map[string][2]int{
		"Return": {9, 20}, "PostVoid": {1, 4}, "Control": {20, 80}, "member": {520, 620},
		"Cash": {300, 900}, "Card": {300, 700}, "Voucher": {5, 40}, "change": {150, 500},
		"rounded": {10, 150}, "weighed": {300, 3000}, "promotion": {100, 1500}, "markdown": {5, 200},
	} {
		if got := perMille(name); got < bounds[0] || got > bounds[1] {
			t.Errorf("%s: %d per mille, want %d to %d", name, got, bounds[0], bounds[1])
		}
	}
	if weekday[time.Saturday] <= weekday[time.Tuesday]*3/2 {
		t.Errorf("Saturdays are not busy: %v", weekday)
	}
}

// A member's favourite product is one they buy far more often than chance
// would have it, in a store of their own.
func TestMembersHaveHabits(t *testing.T) {
	options := winter(t.TempDir())
	options.Tickets = 20_000
	stores, visits := map[string]map[string]int{}, map[string]int{}
	for _, made := range made(t, options) {
		if made.LoyaltyID == "" || made.Type != ticket.Sale {
			continue
		}
		if stores[made.LoyaltyID] == nil {
			stores[made.LoyaltyID] = map[string]int{}
		}
		stores[made.LoyaltyID][made.StoreID]++
		visits[made.LoyaltyID]++
	}
	if len(visits) != options.Customers {
		t.Errorf("%d of %d members ever shop", len(visits), options.Customers)
	}
	loyal := 0
	for member, byStore := range stores {
		for _, n := range byStore {
			if n*2 > visits[member] {
				loyal++
			}
		}
	}
	if loyal*10 < len(visits)*9 {
		t.Errorf("only %d of %d members have a store of their own", loyal, len(visits))
	}
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
