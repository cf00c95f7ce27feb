package simulate

import "github.com/tillproof/tillproof/domain/ticket"

// notes are what people hand over at least, in cents.
var notes = [...]int64{500, 1000, 2000, 5000}

// pay settles a ticket whose lines are added up. Cash totals are rounded where
// the country has no small coins.
func (c *chain) pay(shop *store, t *ticket.Ticket) {
	due := t.Totals.Grand
	switch {
	case due > 1500 && c.dice.chance(25):
		c.payByVoucher(t)
	case c.paysCash(due):
		c.payCash(shop, t)
	default:
		t.Tenders = []ticket.Tender{c.card(due)}
	}
}

// paysCash draws it: small sums are mostly paid in cash, and money back too.
func (c *chain) paysCash(due int64) bool {
	if due < 1500 {
		return c.dice.chance(580)
	}
	return c.dice.chance(330)
}

func (c *chain) payCash(shop *store, t *ticket.Ticket) {
	step := c.countries[shop.country].cashSteps
	rounded := divideRounded(t.Totals.Grand, step) * step
	if rounding := rounded - t.Totals.Grand; rounding != 0 {
		t.Totals.Rounding = ticket.Some(rounding)
	}
	t.Totals.Grand = rounded
	given := rounded
	if rounded > 0 && c.dice.chance(850) {
		note := notes[c.dice.IntN(len(notes))]
		given = (rounded + note - 1) / note * note
	}
	t.Tenders = []ticket.Tender{{Type: ticket.Cash, Amount: given}}
	if change := given - rounded; change > 0 {
		t.Tenders = append(t.Tenders, ticket.Tender{Type: ticket.Cash, Amount: -change})
	}
}

func (c *chain) payByVoucher(t *ticket.Ticket) {
	worth := int64(500 * c.dice.between(1, 3))
	if worth > t.Totals.Grand {
		worth = t.Totals.Grand
	}
	voucher := ticket.Tender{Type: ticket.Voucher, Amount: worth, Reference: "V-" + c.dice.text("BCDFGHJKLMNPQRSTVWXZ", 8)}
	t.Tenders = []ticket.Tender{voucher}
	if rest := t.Totals.Grand - worth; rest > 0 {
		t.Tenders = append(t.Tenders, c.card(rest))
	}
}

// card names the authorisation, never the card.
func (c *chain) card(amount int64) ticket.Tender {
	return ticket.Tender{Type: ticket.Card, Amount: amount, Reference: "auth " + c.dice.text("0123456789ABCDEF", 6)}
}
