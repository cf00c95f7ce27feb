package eterticket

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/domain/ticket"
)

const (
	// MaxRounding is how far, in centavos, the lines may be from the total: a
	// till rounds cash to 50 centavos at most, and lines to one each.
	MaxRounding = 100

	currencyCode = "MXN"
	minorDigits  = 2
	standardRate = "S" // of VAT, as EN 16931 has it
	zeroRate     = "Z"
	maxRate      = 100_00 // basis points
)

// Namespace is that of the transaction ids: the UUID of version 5 of
// "urn:tillproof:eterticket" in the name space of URLs.
var Namespace = uuid.MustParse("e3549eda-1b34-5c96-ab63-324a81821394")

// TransactionID returns the transaction id that a key line stands for.
func TransactionID(key string) string {
	return uuid.NewSHA1(Namespace, []byte(strings.TrimSpace(key))).String()
}

// Convert makes a ticket of a file's content. The rules that hold for every
// ticket are left to who checks tickets.
func Convert(content []byte) (*ticket.Ticket, error) {
	d, err := readDocument(content)
	if err != nil {
		return nil, err
	}
	t := &ticket.Ticket{
		TransactionID:   TransactionID(d.key),
		Type:            ticket.Sale,
		StoreID:         string(d.header.Store),
		WorkstationID:   string(d.header.Till),
		OperatorID:      string(d.header.Seller),
		BusinessDayDate: ticket.Date(strings.ReplaceAll(string(d.header.Date), "/", "-")),
		CurrencyCode:    currencyCode,
	}
	if member := string(d.header.Customer); member != "0" {
		t.LoyaltyID = member
	}
	if t.SequenceNumber, err = strconv.ParseInt(string(d.header.Folio), 10, 64); err != nil {
		return nil, fmt.Errorf("header: folio fl %q is not a whole number", d.header.Folio)
	}
	if t.BeginDateTime, t.EndDateTime, err = period(string(d.header.Date), string(d.header.Start), string(d.header.End)); err != nil {
		return nil, err
	}
	if err := convertLines(t, d.lines); err != nil {
		return nil, err
	}
	if err := addUp(t, string(d.header.Total)); err != nil {
		return nil, err
	}
	t.Tenders = tenders(d.payments, t.Totals.Grand)
	return t, nil
}

// addUp holds the lines against the total that the till printed.
func addUp(t *ticket.Ticket, printed string) (err error) {
	if t.Totals.Grand, err = parseDecimal(printed, minorDigits); err != nil {
		return fmt.Errorf("header: total im: %w", err)
	}
	var lines, tax int64
	for i := range t.LineItems {
		lines += t.LineItems[i].ExtendedAmount
		if t.LineItems[i].Tax != nil {
			tax += t.LineItems[i].Tax.Amount
		}
	}
	t.Totals.Tax = ticket.Some(tax)
	switch difference := t.Totals.Grand - lines; {
	case difference == 0:
	case max(difference, -difference) <= MaxRounding:
		t.Totals.Rounding = ticket.Some(difference)
	default:
		return fmt.Errorf("the lines add up to %s and the total im is %s %s; a difference of more than %s is no rounding: "+
			"a line is missing or doubled", centavos(lines), centavos(t.Totals.Grand), currencyCode, centavos(MaxRounding))
	}
	return nil
}

func centavos(amount int64) string {
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	return fmt.Sprintf("%s%d.%02d", sign, amount/100, amount%100)
}
