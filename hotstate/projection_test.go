package hotstate_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// project writes a block to the view, as the projector does.
func project(db *hotstatetest.Database, p hotstate.Projection) error {
	return pgx.BeginFunc(context.Background(), db.Collector, func(tx pgx.Tx) error {
		return hotstate.Project(context.Background(), tx, p)
	})
}

func mustProject(t *testing.T, db *hotstatetest.Database, p hotstate.Projection) {
	t.Helper()
	if err := project(db, p); err != nil {
		t.Fatal(err)
	}
}

// begin makes the checkpoint of an empty view.
func begin(t *testing.T, db *hotstatetest.Database) {
	t.Helper()
	if _, err := hotstate.NextBlock(context.Background(), db.Collector, "tickets"); err != nil {
		t.Fatal(err)
	}
}

func value(t *testing.T, db *hotstatetest.Database, query string, args ...any) string {
	t.Helper()
	var text string
	if err := db.Owner.QueryRow(context.Background(), "select coalesce(("+query+")::text, '')", args...).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

// A world is the few shops, products and days that random tickets are of, so that they share cells.
type world struct {
	*rand.Rand
	tickets int
}

var gtins = map[string]string{ // some products have a number: a maker's, a nested prefix's, an in-store one
	"milk": "04006381333931", "bread": "00036000291452", "ham": "02004712345671", "soap": "14006381000011",
}

func (w *world) block(number uint64, tickets int) hotstate.Projection {
	p := hotstate.Projection{Channel: "tickets", Block: number, Time: time.Date(2026, 5, 4, 12, 0, int(number), 0, time.UTC)}
	p.Transactions = []hotstate.ProjectedTransaction{{ID: fmt.Sprint("tx-", number), Code: "VALID", At: p.Time}}
	for range tickets {
		p.Tickets = append(p.Tickets, w.ticket(number, p.Time))
	}
	return p
}

func (w *world) ticket(number uint64, at time.Time) hotstate.ProjectedTicket {
	w.tickets++
	retailer := []string{"main", "other"}[w.IntN(2)]
	t := hotstate.ProjectedTicket{
		Key:        sha256.Sum256(fmt.Append(nil, "ticket", w.tickets)),
		RetailerID: retailer, TransactionID: uuid.NewString(), TransactionType: "Sale",
		StoreID: retailer + []string{"-1", "-2"}[w.IntN(2)], WorkstationID: "1",
		BusinessDay:    time.Date(2026, 4, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, w.IntN(4)).Format(time.DateOnly),
		SequenceNumber: int64(w.tickets), EndedAt: at, CurrencyCode: []string{"EUR", "JPY"}[w.IntN(2)],
		Trade: []byte("{}"), TxID: fmt.Sprint("tx-", number), RecordedAt: at,
		Opening: hotstate.ProjectedOpening{FixedLeaves: make([]byte, 8*32), PersonLeaves: []byte{}},
	}
	items := []string{"milk", "bread", "ham", "soap", "loose"}
	for i := range 1 + w.IntN(6) {
		sign := int64(1 - 2*(w.IntN(4)/3))
		line := hotstate.ProjectedLine{
			Number: int64(i + 1), ItemID: items[w.IntN(len(items))],
			Quantity: sign * (int64(1+w.IntN(3))*1000 + int64(w.IntN(1000))), Amount: sign * w.Int64N(5000),
		}
		if gtin, has := gtins[line.ItemID]; has && w.IntN(2) == 0 {
			line.GTIN = &gtin // not every till sends it
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

// checkRollUps compares each roll-up with the lines themselves, both ways.
func checkRollUps(t *testing.T, db *hotstatetest.Database) {
	t.Helper()
	const sums = `sum(greatest(quantity, 0)), sum(greatest(-quantity, 0)), coalesce(sum(amount) filter (where quantity > 0), 0),
		coalesce(-sum(amount) filter (where quantity < 0), 0), count(*), count(distinct ticket_key)`
	const columns = "units_sold, units_returned, amount_sold, amount_returned, lines, tickets"
	for table, keys := range map[string][2]string{
		"sales_by_day": {"manufacturer_id, retailer_id, item_id, store_id, day, currency_code",
			"manufacturer_id, retailer_id, item_id, store_id, business_day, currency_code"},
		"sales_by_month": {"manufacturer_id, store_id, month, currency_code",
			"manufacturer_id, store_id, date_trunc('month', business_day)::date, currency_code"},
		"sales_by_store_day": {"retailer_id, store_id, day, currency_code",
			"retailer_id, store_id, business_day, currency_code"},
	} {
		groups := strings.Join([]string{"1", "2", "3", "4", "5", "6"}[:strings.Count(keys[0], ",")+1], ", ")
		kept := fmt.Sprintf("select %s, %s from view.%s where lines > 0", keys[0], columns, table) // emptied cells stay
		again := fmt.Sprintf("select %s, %s from view.lines group by %s", keys[1], sums, groups)
		for what, query := range map[string]string{"has too much": kept + " except " + again, "lacks": again + " except " + kept} {
			if rows := value(t, db, "select string_agg(r::text, E'\n') from ("+query+") r"); rows != "" {
				t.Errorf("%s %s:\n%s", table, what, rows)
			}
		}
	}
}

func TestRollUpsAreTheSumsOfTheLines(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	registerMakers(t, db)
	begin(t, db)
	w := &world{Rand: rand.New(rand.NewPCG(1, 2))}
	for number := range uint64(8) {
		mustProject(t, db, w.block(number, 25))
		checkRollUps(t, db)
	}
	if got := value(t, db, "select count(distinct manufacturer_id) from view.lines"); got != "3" {
		t.Errorf("lines have %s owners: the tickets do not try anything", got)
	}
}

// A block is in the view once.
func TestProjectTakesBlocksInTheirOrder(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	begin(t, db)
	w := &world{Rand: rand.New(rand.NewPCG(3, 4))}
	first := w.block(0, 3)
	mustProject(t, db, first)
	if err := project(db, first); err == nil || !strings.Contains(err.Error(), "block 0 is not the next one") {
		t.Errorf("the same block again: got error %v", err)
	}
	if err := project(db, w.block(2, 3)); err == nil {
		t.Error("a block was left out, and nobody minded")
	}
	elsewhere := w.block(1, 3)
	elsewhere.Channel = "another"
	if err := project(db, elsewhere); err == nil {
		t.Error("a block of another channel was taken")
	}
	mustProject(t, db, w.block(1, 0))
	if got := value(t, db, "select count(*) from view.tickets"); got != "3" {
		t.Errorf("the view has %s tickets, want 3", got)
	}
	next, err := hotstate.NextBlock(context.Background(), db.Collector, "tickets")
	if err != nil || next != 2 {
		t.Errorf("next block %d, %v; want 2", next, err)
	}
}

// Sums pass 64 bits before a ticket may be refused for it.
func TestRollUpsHoldTheLargestTickets(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	begin(t, db)
	p := (&world{Rand: rand.New(rand.NewPCG(5, 6))}).block(0, 1)
	p.Tickets[0].Lines = nil
	for i := range 2000 {
		p.Tickets[0].Lines = append(p.Tickets[0].Lines,
			hotstate.ProjectedLine{Number: int64(i + 1), ItemID: "gold", Quantity: 999_999_999_999_999, Amount: 1<<53 - 1})
	}
	mustProject(t, db, p)
	checkRollUps(t, db)
}

// Of two tickets with one till number, in conflict, the view settles the one that it shows.
func TestProjectSettlesTheTicketItself(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	begin(t, db)
	p := (&world{Rand: rand.New(rand.NewPCG(7, 8))}).block(0, 4)
	accept := func(of *hotstate.ProjectedTicket, transactionID, state string) {
		exec(t, db, `insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			ticket_key, content_mac, state, received_at, seed, body)
			values ($1, $2, $3, '1', $4::date, $5, $6, '', $7, now(), sha256('seed'), '{}')`,
			of.RetailerID, transactionID, of.StoreID, of.BusinessDay, of.SequenceNumber, of.Key[:], state)
	}
	accept(&p.Tickets[0], p.Tickets[0].TransactionID, "accepted")
	accept(&p.Tickets[1], p.Tickets[1].TransactionID, "rejected")
	accept(&p.Tickets[2], uuid.NewString(), "accepted")
	accept(&p.Tickets[3], uuid.NewString(), "rejected")
	mustProject(t, db, p)
	for i, want := range []string{"recorded true", "rejected false", "accepted false", "rejected false"} {
		got := value(t, db, "select state || ' ' || (body is null) from book.tickets where ticket_key = $1", p.Tickets[i].Key[:])
		if got != want {
			t.Errorf("ticket %d is %s, want %s", i, got, want)
		}
	}
}

// A transaction id that two tickets share is no reason to stop for good.
func TestProjectBearsARepeatedTransactionID(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	begin(t, db)
	w := &world{Rand: rand.New(rand.NewPCG(9, 10))}
	first, second := w.block(0, 2), w.block(1, 2)
	second.Tickets[0].RetailerID = first.Tickets[0].RetailerID
	second.Tickets[0].TransactionID = first.Tickets[0].TransactionID
	mustProject(t, db, first)
	mustProject(t, db, second)
	checkRollUps(t, db)
}

// Entries of a block and the lines of the statement that its transactions add come into the view in several goes, each once.
func TestEntriesOfABlockComeOnce(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	begin(t, db)
	giver, taker := [16]byte{1}, [16]byte{2}
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for block := range byte(2) {
		p := hotstate.Projection{Channel: "tickets", Block: uint64(block), Time: at}
		p.Entries = []hotstate.ProjectedEntry{{ID: [16]byte{3, block}, Account: giver, Kind: "accrual", Points: 10, CurrencyCode: "EUR",
			BusinessDay: "2026-05-04", RecordedAt: at}}
		for n := range byte(2) {
			p.Accounts = append(p.Accounts, hotstate.AccountChange{TxID: fmt.Sprint(block, n), RecordedAt: at,
				Transfers: []hotstate.ProjectedTransfer{{ID: [16]byte{4, block, n}, From: giver, To: taker, Points: 5}}})
		}
		mustProject(t, db, p)
	}
	if got := value(t, db, "select count(*) || ' rows, ' || sum(points) || ' points' from view.points_entries"); got != "6 rows, 0 points" {
		t.Errorf("the statement has %s", got)
	}
}
