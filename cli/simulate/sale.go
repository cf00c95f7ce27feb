package simulate

import (
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// sell makes a sale.
func (c *chain) sell(t *ticket.Ticket, s slot, shop *store, kind int) {
	t.Type = ticket.Sale
	member := c.members.atTill(c.dice, int(s.store))
	if member != nil {
		t.LoyaltyID = member.loyaltyID
	}
	t.LineItems = c.basket(shop, member, t.BusinessDayDate.Time())
	switch kind {
	case kindSaleWithBottles:
		c.addBack(t, c.depositLine(shop, -int64(c.dice.between(1, 18))))
	case kindSaleWithReturn:
		// Worth less than a large basket, or it would be a return.
		if receipt := c.receipt(s); receipt != nil && len(t.LineItems) > 2 {
			c.addBack(t, c.returnedLines(shop, receipt, 1)...)
		}
	}
	addUp(t)
	c.pay(shop, t)
	c.begin(t, s)
}

// addBack adds lines that give money back, as long as some is left to pay.
func (c *chain) addBack(t *ticket.Ticket, lines ...ticket.LineItem) {
	var sum int64
	for _, line := range append(t.LineItems, lines...) {
		sum += line.ExtendedAmount
	}
	if sum >= 100 {
		t.LineItems = append(t.LineItems, lines...)
	}
}

// voidable reports whether a till's last sale can be undone: it was made today
// and nothing of it has come back.
func (r *receipt) voidable(date time.Time) bool {
	if r == nil || r.voided || r.sale.BusinessDayDate != ticket.Date(date.Format(time.DateOnly)) {
		return false
	}
	for i, taken := range r.taken {
		if taken != 0 || r.sale.LineItems[i].Quantity < 0 {
			return false
		}
	}
	return true
}

// void makes the exact negation of the till's last sale.
func (c *chain) void(t *ticket.Ticket, till *till) {
	sale := till.last.sale
	till.last.voided = true
	t.Type, t.VoidOf, t.LoyaltyID = ticket.PostVoid, sale.TransactionID, sale.LoyaltyID
	for _, line := range sale.LineItems {
		line.Quantity, line.ExtendedAmount = -line.Quantity, -line.ExtendedAmount
		if line.Tax != nil {
			negated := negate(*line.Tax)
			line.Tax = &negated
		}
		t.LineItems = append(t.LineItems, line)
	}
	for _, tax := range sale.Taxes {
		t.Taxes = append(t.Taxes, negate(tax))
	}
	for _, tender := range sale.Tenders {
		tender.Amount = -tender.Amount
		t.Tenders = append(t.Tenders, tender)
	}
	t.Totals = ticket.Totals{
		Grand:    -sale.Totals.Grand,
		Discount: ticket.Optional[int64]{Value: -sale.Totals.Discount.Value, Present: sale.Totals.Discount.Present},
		Tax:      ticket.Optional[int64]{Value: -sale.Totals.Tax.Value, Present: sale.Totals.Tax.Present},
		Rounding: ticket.Optional[int64]{Value: -sale.Totals.Rounding.Value, Present: sale.Totals.Rounding.Present},
	}
}

func negate(tax ticket.Tax) ticket.Tax {
	tax.TaxableAmount, tax.Amount = -tax.TaxableAmount, -tax.Amount
	return tax
}
