package simulate

import "github.com/tillproof/tillproof/domain/ticket"

// taxOn works out the value added tax contained in an amount. EN 16931 calls
// every positive rate S, and none Z.
func (c *chain) taxOn(shop *store, class taxClass, amount int64) *ticket.Tax {
	rate := c.countries[shop.country].rates[class]
	code := "S"
	if rate == 0 {
		code = "Z"
	}
	contained := divideRounded(amount*rate, 10000+rate)
	return &ticket.Tax{
		CategoryCode:    code,
		RateBasisPoints: rate,
		TaxableAmount:   amount - contained,
		Amount:          contained,
		Included:        true,
	}
}

// divideRounded rounds half away from zero, so that a return's tax is exactly
// the sale's with the other sign.
func divideRounded(dividend, divisor int64) int64 {
	if dividend < 0 {
		return -divideRounded(-dividend, divisor)
	}
	return (dividend + divisor/2) / divisor
}

// addUp fills in the ticket's taxes and totals from its lines: the taxes by
// rate are the lines' sums, so that both views agree to the cent.
func addUp(t *ticket.Ticket) {
	var tax, discount int64
	for i := range t.LineItems {
		line := &t.LineItems[i]
		line.SequenceNumber = int64(i + 1)
		t.Totals.Grand += line.ExtendedAmount
		for _, off := range line.Discounts {
			discount += off.Amount
		}
		if line.Tax != nil {
			tax += line.Tax.Amount
			addTax(t, *line.Tax)
		}
	}
	t.Totals.Tax = ticket.Some(tax)
	if discount != 0 {
		t.Totals.Discount = ticket.Some(discount)
	}
}

func addTax(t *ticket.Ticket, tax ticket.Tax) {
	for i := range t.Taxes {
		if t.Taxes[i].RateBasisPoints == tax.RateBasisPoints {
			t.Taxes[i].TaxableAmount += tax.TaxableAmount
			t.Taxes[i].Amount += tax.Amount
			return
		}
	}
	t.Taxes = append(t.Taxes, tax)
}
