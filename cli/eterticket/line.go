package eterticket

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/ticket"
)

func convertLines(t *ticket.Ticket, lines []line) error {
	returned := 0
	for i, line := range lines {
		item, err := convertLine(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		item.SequenceNumber = int64(i + 1)
		if item.Quantity < 0 {
			returned++
		}
		t.LineItems = append(t.LineItems, item)
	}
	if returned > 0 && returned == len(lines) {
		t.Type = ticket.Return
	}
	return nil
}

func convertLine(l line) (ticket.LineItem, error) {
	code, gtin := readBarcode(string(l.Barcode))
	item := ticket.LineItem{ItemID: code, GTIN: gtin, Description: string(l.Description)}
	quantity, err := parseDecimal(string(l.Quantity), 3)
	if err != nil {
		return item, fmt.Errorf("quantity cn: %w", err)
	}
	item.Quantity = ticket.Quantity(quantity)
	if item.ExtendedAmount, err = parseDecimal(string(l.Total), minorDigits); err != nil {
		return item, fmt.Errorf("line total pt: %w", err)
	}
	if l.UnitPrice != "" {
		price, err := parseDecimal(string(l.UnitPrice), 5)
		if err != nil {
			return item, fmt.Errorf("unit price pi: %w", err)
		}
		item.UnitPrice = ticket.Some(ticket.UnitPrice(max(price, -price))) // the quantity has the sign
	}
	if l.VATPercent != "" {
		rate, err := parseDecimal(string(l.VATPercent), 2)
		if err != nil {
			return item, fmt.Errorf("VAT percent ti: %w", err)
		}
		if rate < 0 || rate > maxRate {
			return item, fmt.Errorf("VAT percent ti: %q is not between 0 and %d", l.VATPercent, maxRate/100)
		}
		item.Tax = taxIn(item.ExtendedAmount, rate)
	}
	return item, nil
}

// taxIn works out the VAT that an amount contains, at a rate in basis points,
// rounded half away from zero.
func taxIn(amount, rate int64) *ticket.Tax {
	tax := &ticket.Tax{CategoryCode: standardRate, RateBasisPoints: rate, Included: true}
	if rate == 0 {
		tax.CategoryCode = zeroRate
	}
	magnitude, divisor := max(amount, -amount), 10_000+rate
	tax.Amount = (magnitude*rate + divisor/2) / divisor
	if amount < 0 {
		tax.Amount = -tax.Amount
	}
	tax.TaxableAmount = amount - tax.Amount
	return tax
}
