package ledgertest

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/originals"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// Retailer is whose store it is.
const Retailer = "main"

// A Shop is a database with one store, and the retailer's keys.
type Shop struct {
	*hotstatetest.Database
	Keys    *keyring.Keyring
	KeysDir string
	numbers int64
}

// Open opens a shop for one test.
func Open(t testing.TB) *Shop {
	t.Helper()
	s := &Shop{Database: hotstatetest.New(t), KeysDir: t.TempDir()}
	s.Keys = s.OpenKeys(t)
	s.Exec(t, "insert into book.stores (store_id, name) values ('S1', 'First')")
	return s
}

// OpenKeys opens the keys again, as a program does that starts.
func (s *Shop) OpenKeys(t testing.TB) *keyring.Keyring {
	t.Helper()
	keys, err := keyring.Open(s.KeysDir)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// A Sale is what a test says of a ticket. Each has the next number of the till.
type Sale struct {
	Member string
	Day    string // 2026-05-04 if empty
	Lines  []ticket.LineItem
	ID     string // of the transaction; a new one if empty
	VoidOf string // transaction id
}

// Sales makes so many sales of one line, every second one a member's.
func Sales(count int) []Sale {
	sales := make([]Sale, count)
	for i := range sales {
		sales[i] = Sale{Lines: []ticket.LineItem{Line(1, "milk", 1, int64(100+i))}}
		if i%2 == 1 {
			sales[i].Member = fmt.Sprintf("member-%d", i%7)
		}
	}
	return sales
}

// Line is one line of whole units.
func Line(number int64, item string, units, amount int64) ticket.LineItem {
	return ticket.LineItem{SequenceNumber: number, ItemID: item, Quantity: ticket.Quantity(units * 1000), ExtendedAmount: amount}
}

// Returned is a line that returns one of another ticket.
func Returned(number int64, item string, units, amount int64, of string) ticket.LineItem {
	line := Line(number, item, -units, -amount)
	line.ReturnOf = &ticket.ReturnOf{TransactionID: of}
	return line
}

// Accept puts sales into the book as accepted, and gives their keys in the order given.
func (s *Shop) Accept(t testing.TB, sales ...Sale) []ledger.TicketKey {
	t.Helper()
	rows := make([]hotstate.NewTicket, len(sales))
	keys := make([]ledger.TicketKey, len(sales))
	for i := range sales {
		rows[i] = s.row(s.ticket(sales[i]))
		keys[i] = ledger.TicketKey(rows[i].TicketKey)
	}
	err := pgx.BeginFunc(context.Background(), s.Collector, func(tx pgx.Tx) error {
		inserted, err := hotstate.InsertTickets(context.Background(), tx, rows, time.Now())
		for i := range inserted {
			if !inserted[i] {
				return fmt.Errorf("sale %d was not accepted", i)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (s *Shop) ticket(sale Sale) *ticket.Ticket {
	s.numbers++
	day := sale.Day
	if day == "" {
		day = "2026-05-04"
	}
	if sale.ID == "" {
		sale.ID = uuid.NewString()
	}
	t := &ticket.Ticket{
		TransactionID: sale.ID, Type: ticket.Sale, VoidOf: sale.VoidOf, StoreID: "S1", WorkstationID: "till 1", SequenceNumber: s.numbers,
		BusinessDayDate: ticket.Date(day), EndDateTime: ticket.DateTime(day + "T12:00:00Z"), OperatorID: "op-7",
		CurrencyCode: "EUR", LoyaltyID: sale.Member, LineItems: sale.Lines,
	}
	for i := range sale.Lines {
		t.Totals.Grand += sale.Lines[i].ExtendedAmount
	}
	if sale.VoidOf != "" {
		t.Type = ticket.PostVoid
	}
	t.Tenders = []ticket.Tender{{Type: ticket.Card, Amount: t.Totals.Grand, Reference: "auth-1"}}
	return t
}

func (s *Shop) row(t *ticket.Ticket) hotstate.NewTicket {
	key := s.Keys.TicketKey(Retailer, t.StoreID, t.WorkstationID, string(t.BusinessDayDate), t.SequenceNumber)
	seed := make([]byte, 32)
	rand.Read(seed)
	row := hotstate.NewTicket{
		RetailerID: Retailer, TransactionID: t.TransactionID, StoreID: t.StoreID, WorkstationID: t.WorkstationID,
		BusinessDay: string(t.BusinessDayDate), SequenceNumber: t.SequenceNumber, TicketKey: key[:],
		LoyaltyID: t.LoyaltyID, Seed: seed, Body: t.Canonical(),
		Undoes: originals.Undone(t), Redeems: len(commitment.Redemptions(t)) > 0,
	}
	row.ContentMAC = s.Keys.ContentMAC(row.Body)
	if t.LoyaltyID != "" {
		row.PendingPoints = points.Default.Points(t.Totals.Grand, row.BusinessDay)
	}
	return row
}

// Exec runs a statement as the owner of the database.
func (s *Shop) Exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := s.Owner.Exec(context.Background(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Text reads one value as text.
func (s *Shop) Text(t testing.TB, query string, args ...any) string {
	t.Helper()
	var text string
	if err := s.Owner.QueryRow(context.Background(), "select coalesce(("+query+")::text, '')", args...).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

// Eventually waits until something is so, and fails the test if it does not come to be.
func Eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s", what)
		}
	}
}
