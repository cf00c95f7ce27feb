package bench

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// A chain is a retailer's year of trade. It is made by counting: the same size always gives the same tickets.
type chain struct {
	lines int // of all tickets together
}

const (
	retailer        = "main"
	stores          = 2_000
	products        = 20_000
	manufacturers   = 200 // each has every two-hundredth product
	members         = 20_000
	tills           = 4
	linesOfTicket   = 10
	ticketsOfBlock  = 2_000
	daysOfYear      = 365
	returnsOneIn    = 40 // tickets that take goods back
	weighedOneIn    = 7  // lines
	year            = 2025
	channel         = "tickets"
	firstPriceCents = 49
)

func (c chain) tickets() int { return c.lines / linesOfTicket }
func (c chain) blocks() int  { return (c.tickets() + ticketsOfBlock - 1) / ticketsOfBlock }

func storeID(n int) string        { return fmt.Sprintf("store-%04d", n) }
func itemID(n int) string         { return fmt.Sprintf("item-%05d", n) }
func manufacturerID(n int) string { return fmt.Sprintf("maker-%03d", n) }
func loyaltyID(n int) string      { return fmt.Sprintf("member-%05d", n) }

// block is what the projector would hand to the view of one block of the ledger. Trade is spread over the year evenly, in
// the order of days, as it is recorded.
func (c chain) block(number int) hotstate.Projection {
	p := hotstate.Projection{Channel: channel, Block: uint64(number), Members: map[[16]byte]string{}}
	for n := number * ticketsOfBlock; n < min((number+1)*ticketsOfBlock, c.tickets()); n++ {
		t := c.ticket(n)
		p.Time = t.RecordedAt
		p.Tickets = append(p.Tickets, t)
		if t.LoyaltyID != nil {
			e := entryOf(t)
			p.Members[e.Account] = *t.LoyaltyID
			p.Entries = append(p.Entries, e)
		}
	}
	return p
}

// ticket makes the n-th ticket. Its key is random to look at, as on the ledger.
func (c chain) ticket(n int) hotstate.ProjectedTicket {
	random := scattered(sha256.Sum256([]byte("ticket " + strconv.Itoa(n))))
	day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n*daysOfYear/c.tickets())
	ended := day.Add(8*time.Hour + time.Duration(random.below(0, 12*3600))*time.Second)
	sign, kind := int64(1), "Sale"
	if n%returnsOneIn == returnsOneIn-1 {
		sign, kind = -1, "Return"
	}
	t := hotstate.ProjectedTicket{
		Key: [32]byte(random), RetailerID: retailer, TransactionID: uuid.NewSHA1(uuid.Nil, random[:]).String(), TransactionType: kind,
		StoreID: storeID(random.below(1, stores)), WorkstationID: strconv.Itoa(random.below(2, tills) + 1),
		BusinessDay: day.Format(time.DateOnly), SequenceNumber: int64(n), EndedAt: ended, CurrencyCode: "EUR",
		Commitment: sha256.Sum256(random[:]), RuleVersion: 1, TxID: fmt.Sprintf("%064x", n/ticketsOfBlock), RecordedAt: ended.Add(time.Minute),
		Opening: hotstate.ProjectedOpening{FixedLeaves: make([]byte, 256), PersonLeaves: []byte{}},
	}
	for line := range linesOfTicket {
		l := lineOf(random, line, sign)
		t.Lines = append(t.Lines, l)
		t.GrandTotal += l.Amount
	}
	if n%2 == 0 {
		member := loyaltyID(random.below(3, members))
		t.LoyaltyID, t.Points = &member, t.GrandTotal/100
		t.Person = []byte(`{"loyaltyId":"` + member + `","operatorId":"7","tenderReferences":[null]}`)
	}
	t.Trade = tradeOf(&t)
	return t
}

// lineOf makes a line. No product stands in one ticket twice, so that a ticket is in ten cells.
func lineOf(random scattered, line int, sign int64) hotstate.ProjectedLine {
	product := (random.below(4, products) + line*1999) % products
	price := int64(firstPriceCents + product%900)
	l := hotstate.ProjectedLine{Number: int64(line + 1), ItemID: itemID(product), Quantity: sign * 1000, Amount: sign * price}
	if (product+line)%weighedOneIn == 0 {
		grams := int64(100 + random.below(5, 900))
		l.Quantity = sign * grams
		l.Amount = sign * price * grams / 1000
	}
	return l
}

func entryOf(t hotstate.ProjectedTicket) hotstate.ProjectedEntry {
	key, id, account := t.Key, sha256.Sum256(append([]byte("entry"), t.Key[:]...)), sha256.Sum256([]byte(*t.LoyaltyID))
	return hotstate.ProjectedEntry{
		ID: [16]byte(id[:16]), Account: [16]byte(account[:16]), LoyaltyID: t.LoyaltyID, Kind: "accrual", Points: t.Points,
		EligibleAmount: t.GrandTotal, CurrencyCode: t.CurrencyCode, RuleVersion: 1, TicketKey: &key, BusinessDay: t.BusinessDay,
		TxID: t.TxID, RecordedAt: t.RecordedAt,
	}
}

// tradeOf is the ticket's own text, of the length that such tickets have.
func tradeOf(t *hotstate.ProjectedTicket) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, `{"businessDayDate":%q,"currencyCode":%q,"endDateTime":%q,"lineItems":[`, t.BusinessDay, t.CurrencyCode, t.EndedAt.Format(time.RFC3339))
	for i, l := range t.Lines {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"description":"Article %s","extendedAmount":%d,"itemId":%q,"quantity":%q,"sequenceNumber":%d}`,
			l.ItemID, l.Amount, l.ItemID, ticket.Quantity(l.Quantity).String(), l.Number)
	}
	fmt.Fprintf(&text, `],"schemaVersion":"1","sequenceNumber":%d,"storeId":%q,"tenders":[{"amount":%d,"tenderType":"Card"}],"totals":{"grand":%d},`+
		`"transactionId":%q,"transactionType":%q,"workstationId":%q}`,
		t.SequenceNumber, t.StoreID, t.GrandTotal, t.GrandTotal, t.TransactionID, t.TransactionType, t.WorkstationID)
	return []byte(text.String())
}

// scattered is 32 bytes that numbers are drawn from.
type scattered [32]byte

// below draws the i-th number, of seven.
func (s scattered) below(i, limit int) int {
	return int(binary.BigEndian.Uint32(s[4*i:]) % uint32(limit))
}
