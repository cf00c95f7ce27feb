package chaos

import (
	"encoding/json"

	"github.com/google/uuid"
)

// A ticket is one as the client that made it knows it.
type ticket struct {
	id     string
	kind   string // Sale, Return or PostVoid
	member string // "": nobody's
	amount int64  // its total; of one line

	returns string // id of the ticket that it takes goods back of; "": of none
	voids   *ticket
	paid    payment
	body    []byte
}

// A payment is what a ticket pays in points; negative: what it gives back.
type payment struct {
	redemption, member string
	points             int64
}

// own is what a ticket earns points from by itself.
func (t *ticket) own() int64 {
	if t.returns != "" || t.voids != nil {
		return 0
	}
	return t.amount
}

// A register gives each ticket its place and its number.
type register struct {
	store, day, time string
	till             string
	number           int64
}

func (r *register) sale(member string, amount int64, paid payment) *ticket {
	return r.write(ticket{kind: "Sale", member: member, amount: amount, paid: paid})
}

// takeBack makes a return of a sale, or of a part of it, or of more than it was.
func (r *register) takeBack(sale *ticket, amount int64) *ticket {
	return r.write(ticket{kind: "Return", member: sale.member, amount: -amount, returns: sale.id})
}

// takeBackUnlinked makes a return that names no sale.
func (r *register) takeBackUnlinked(member string, amount int64) *ticket {
	return r.write(ticket{kind: "Return", member: member, amount: -amount})
}

func (r *register) void(t *ticket) *ticket {
	back := t.paid
	back.points = -back.points
	return r.write(ticket{kind: "PostVoid", member: t.member, amount: -t.amount, voids: t, paid: back})
}

// The JSON of a ticket, as far as these clients need it.
type (
	body struct {
		SchemaVersion    string   `json:"schemaVersion"`
		TransactionID    string   `json:"transactionId"`
		TransactionType  string   `json:"transactionType"`
		StoreID          string   `json:"storeId"`
		WorkstationID    string   `json:"workstationId"`
		SequenceNumber   int64    `json:"sequenceNumber"`
		BusinessDayDate  string   `json:"businessDayDate"`
		EndDateTime      string   `json:"endDateTime"`
		CurrencyCode     string   `json:"currencyCode"`
		LoyaltyID        string   `json:"loyaltyId,omitempty"`
		LineItems        []line   `json:"lineItems"`
		Tenders          []tender `json:"tenders,omitempty"`
		TransactionLinks []link   `json:"transactionLinks,omitempty"`
		Totals           totals   `json:"totals"`
	}
	line struct {
		SequenceNumber int    `json:"sequenceNumber"`
		ItemID         string `json:"itemId"`
		Quantity       string `json:"quantity"`
		ExtendedAmount int64  `json:"extendedAmount"`
		ReturnOf       *link  `json:"returnOf,omitempty"`
	}
	tender struct {
		TenderType string `json:"tenderType"`
		Amount     int64  `json:"amount"`
		Reference  string `json:"reference,omitempty"`
	}
	link struct {
		TransactionID string `json:"transactionId"`
	}
	totals struct {
		Grand int64 `json:"grand"`
	}
)

func (r *register) write(t ticket) *ticket {
	t.id = uuid.NewString()
	r.number++
	sold := line{SequenceNumber: 1, ItemID: "chaos", Quantity: "1", ExtendedAmount: t.amount}
	if t.amount < 0 {
		sold.Quantity = "-1"
	}
	b := body{
		SchemaVersion: "1", TransactionID: t.id, TransactionType: t.kind, StoreID: r.store, WorkstationID: r.till,
		SequenceNumber: r.number, BusinessDayDate: r.day, EndDateTime: r.time, CurrencyCode: "EUR", LoyaltyID: t.member,
		Totals: totals{Grand: t.amount},
	}
	if t.returns != "" {
		sold.ReturnOf = &link{t.returns}
	}
	if t.voids != nil {
		b.TransactionLinks = []link{{t.voids.id}}
	}
	if t.paid.redemption != "" {
		b.Tenders = []tender{
			{TenderType: "Points", Amount: t.paid.points, Reference: t.paid.redemption},
			{TenderType: "Cash", Amount: t.amount - t.paid.points},
		}
	}
	b.LineItems = []line{sold}
	var err error
	if t.body, err = json.Marshal(b); err != nil {
		panic(err) // texts and numbers always encode
	}
	return &t
}
