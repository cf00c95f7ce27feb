package simulate

import (
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// keptReceipts is how many receipts a store has from which things may still
// come back; more would only cost memory.
const keptReceipts = 48

// receipt is a sale in a customer's hand.
type receipt struct {
	sale   *ticket.Ticket
	taken  []ticket.Quantity // by line: what has come back
	voided bool
}

// keep puts a sale among the store's receipts, in place of any other.
func (c *chain) keep(sale *ticket.Ticket, store int32) *receipt {
	kept := &receipt{sale: sale, taken: make([]ticket.Quantity, len(sale.LineItems))}
	if len(c.receipts[store]) < keptReceipts {
		c.receipts[store] = append(c.receipts[store], kept)
	} else {
		c.receipts[store][c.dice.IntN(keptReceipts)] = kept
	}
	return kept
}

// receipt draws one with something to bring back, at least an hour old. It is
// nil when a few draws find none.
func (c *chain) receipt(s slot) *receipt {
	receipts := c.receipts[s.store]
	before := time.Unix(s.end, 0).Add(-time.Hour)
	for range 8 {
		if len(receipts) == 0 {
			return nil
		}
		drawn := receipts[c.dice.IntN(len(receipts))]
		if !drawn.voided && drawn.sale.EndDateTime.Time().Before(before) && len(c.returnable(drawn)) > 0 {
			return drawn
		}
	}
	return nil
}

// returnable lists the lines of which something may come back: no food that
// perishes, and no bottles, whose deposit is another matter.
func (c *chain) returnable(r *receipt) []int {
	var lines []int
	for i, line := range r.sale.LineItems {
		article := c.goods.byItem[line.ItemID] // nil for the deposit
		if article != nil && !article.perishable && !article.deposit && line.Quantity > r.taken[i] {
			lines = append(lines, i)
		}
	}
	return lines
}

// takeBack makes a return that names its sale, if there is one to name.
func (c *chain) takeBack(t *ticket.Ticket, s slot, shop *store) bool {
	receipt := c.receipt(s)
	if receipt == nil {
		return false
	}
	t.Type, t.LoyaltyID = ticket.Return, receipt.sale.LoyaltyID
	t.LineItems = c.returnedLines(shop, receipt, c.dice.between(1, 2))
	addUp(t)
	c.pay(shop, t)
	c.begin(t, s)
	return true
}

// returnedLines brings back some of a receipt, at most so many lines.
func (c *chain) returnedLines(shop *store, r *receipt, most int) []ticket.LineItem {
	var lines []ticket.LineItem
	for _, i := range c.returnable(r) {
		if len(lines) == most {
			break
		}
		lines = append(lines, c.returnedLine(shop, r, i))
	}
	return lines
}

// returnedLine brings back a line or part of it, for what was paid for it: the
// parts of a line add up to its amount, to the cent.
func (c *chain) returnedLine(shop *store, r *receipt, i int) ticket.LineItem {
	line := r.sale.LineItems[i]
	quantity := line.Quantity - r.taken[i]
	if pieces := int(quantity / 1000); pieces > 1 {
		quantity = ticket.Quantity(1000 * c.dice.between(1, pieces))
	}
	paid := func(quantity ticket.Quantity) int64 {
		return line.ExtendedAmount * int64(quantity) / int64(line.Quantity)
	}
	amount := paid(r.taken[i]+quantity) - paid(r.taken[i])
	r.taken[i] += quantity
	line.ReturnOf = &ticket.ReturnOf{TransactionID: r.sale.TransactionID, SequenceNumber: line.SequenceNumber}
	line.Quantity, line.ExtendedAmount, line.Discounts = -quantity, -amount, nil
	line.Tax = c.taxOn(shop, c.goods.byItem[line.ItemID].tax, -amount)
	return line
}

// takeBackUnlinked makes a return without a receipt, at today's price.
func (c *chain) takeBackUnlinked(t *ticket.Ticket, s slot, shop *store) {
	t.Type = ticket.Return
	if member := c.members.atTill(c.dice, int(s.store)); member != nil {
		t.LoyaltyID = member.loyaltyID
	}
	article := &c.goods.products[c.dice.pick(c.goods.popularity)]
	for article.perishable || article.deposit {
		article = &c.goods.products[c.dice.pick(c.goods.popularity)]
	}
	line := c.soldLine(shop, article, 1000, t.BusinessDayDate.Time())
	line.Quantity, line.ExtendedAmount, line.Discounts = -line.Quantity, -line.ExtendedAmount, nil
	line.Tax = c.taxOn(shop, article.tax, line.ExtendedAmount)
	t.LineItems = []ticket.LineItem{line}
	addUp(t)
	c.pay(shop, t)
	c.begin(t, s)
}
