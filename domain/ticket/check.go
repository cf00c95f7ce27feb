package ticket

import (
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/currency"
	"github.com/tillproof/tillproof/domain/gs1"
)

const (
	// maxAhead is how far a till's clock may be ahead.
	maxAhead = 24 * time.Hour
	// maxDayDistance is how far the trading day may be from the calendar's.
	maxDayDistance = 2 * 24 * time.Hour
)

// Check returns what is wrong with t by the rules that need nothing but the
// ticket itself and the time; at most MaxProblems, none of a good ticket. t
// must be as Decode returns it.
func (t *Ticket) Check(now time.Time) []Problem {
	var c checker
	c.lines(t)
	c.sums(t)
	c.times(t, now)
	c.currency(t)
	c.tenders(t)
	switch t.Type {
	case Control:
		c.control(t)
	case PostVoid:
		if t.VoidOf == t.TransactionID {
			c.refuse("/transactionLinks/0/transactionId", "void-of-itself", "names this ticket; a PostVoid names the one it undoes")
		}
	}
	return c.problems
}

type checker struct {
	problems []Problem
}

func (c *checker) refuse(pointer, rule, format string, args ...any) {
	if len(c.problems) < MaxProblems {
		c.problems = append(c.problems, Problem{pointer, rule, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) lines(t *Ticket) {
	c.lineNumbers(t.LineItems)
	for i := range t.LineItems {
		line := &t.LineItems[i]
		c.signs(i, line)
		if t.Type == Return && line.Quantity > 0 {
			c.refuse(linePointer(i, "quantity"), "return-line-positive", "is %s; in a Return every line comes back, so its quantity is negative", line.Quantity)
		}
		if line.GTIN != "" && !gs1.ValidCheckDigit(line.GTIN) {
			last := len(line.GTIN) - 1
			c.refuse(linePointer(i, "gtin"), "gtin-check-digit", "%s ends in %c; its check digit is %c (a number of the shop's own belongs in itemId alone)",
				line.GTIN, line.GTIN[last], gs1.CheckDigit(line.GTIN[:last]))
		}
	}
}

func (c *checker) signs(i int, line *LineItem) {
	switch {
	case line.Quantity == 0:
		c.refuse(linePointer(i, "quantity"), "quantity-zero", "is 0; leave the line out")
	case line.Quantity > 0 && line.ExtendedAmount < 0, line.Quantity < 0 && line.ExtendedAmount > 0:
		c.refuse(linePointer(i, "extendedAmount"), "amount-sign", "is %d and the quantity %s; they must not have opposite signs", line.ExtendedAmount, line.Quantity)
	}
}

// lineNumbers refuses a number used twice. Tills number their lines upwards,
// so the map is seldom needed.
func (c *checker) lineNumbers(lines []LineItem) {
	ascending := true
	for i := 1; i < len(lines) && ascending; i++ {
		ascending = lines[i-1].SequenceNumber < lines[i].SequenceNumber
	}
	if ascending {
		return
	}
	first := make(map[int64]int, len(lines))
	for i := range lines {
		number := lines[i].SequenceNumber
		if before, used := first[number]; used {
			c.refuse(linePointer(i, "sequenceNumber"), "line-number-repeated", "is %d, as is that of /lineItems/%d; each line has its own", number, before)
		} else {
			first[number] = i
		}
	}
}

// sums compares what is added up with what the till printed.
func (c *checker) sums(t *Ticket) {
	var total sum
	for i := range t.LineItems {
		total.add(t.LineItems[i].ExtendedAmount)
	}
	for i := range t.Taxes {
		if !t.Taxes[i].Included {
			total.add(t.Taxes[i].Amount)
		}
	}
	total.add(t.Totals.Rounding.Value)
	if !total.is(t.Totals.Grand) {
		c.refuse("/totals/grand", "total-mismatch", "lines, taxes not included and rounding add up to %s, totals.grand is %d", total, t.Totals.Grand)
	}
	if len(t.Tenders) == 0 {
		return
	}
	var paid sum
	for i := range t.Tenders {
		paid.add(t.Tenders[i].Amount)
	}
	if !paid.is(t.Totals.Grand) {
		c.refuse("/tenders", "tender-mismatch", "tenders add up to %s, totals.grand is %d (change given is a negative Cash tender)", paid, t.Totals.Grand)
	}
}

func (c *checker) times(t *Ticket, now time.Time) {
	end := t.EndDateTime.Time()
	if end.After(now.Add(maxAhead)) {
		c.refuse("/endDateTime", "end-in-future", "is %s, more than 24 h after the time of arrival, %s; set the till's clock", t.EndDateTime, now.UTC().Format(time.RFC3339))
	}
	if t.BeginDateTime != "" && end.Before(t.BeginDateTime.Time()) {
		c.refuse("/endDateTime", "end-before-begin", "is %s, before beginDateTime, %s", t.EndDateTime, t.BeginDateTime)
	}
	if distance := t.EndDateTime.Day().Time().Sub(t.BusinessDayDate.Time()).Abs(); distance > maxDayDistance {
		c.refuse("/businessDayDate", "business-day-distance", "is %s, %d days from endDateTime, %s; at most 2 are allowed", t.BusinessDayDate, distance/(24*time.Hour), t.EndDateTime)
	}
}

func (c *checker) currency(t *Ticket) {
	if _, known := currency.MinorDigits(t.CurrencyCode); !known {
		c.refuse("/currencyCode", "currency-unknown", "%s is not a currency of ISO 4217 that goods are paid in", t.CurrencyCode)
	} else if !currency.InUse(t.CurrencyCode, string(t.BusinessDayDate)) {
		c.refuse("/currencyCode", "currency-not-in-use", "%s was not in use on %s", t.CurrencyCode, t.BusinessDayDate)
	}
}

func (c *checker) tenders(t *Ticket) {
	for i := range t.Tenders {
		if holdsCardNumber(t.Tenders[i].Reference) {
			c.refuse(fmt.Sprintf("/tenders/%d/reference", i), "card-number", "holds what looks like a card number (13 to 19 digits with a valid check digit); send the terminal's reference or the last four digits")
		}
	}
}

// control makes sure that nothing was earned or owed. The schema has already
// refused lines, tenders and a grand total.
func (c *checker) control(t *Ticket) {
	if len(t.Taxes) > 0 {
		c.refuse("/taxes", "control-money", "a Control moves no money, so has no taxes; leave them out")
	}
	for _, total := range []struct {
		name  string
		value Optional[int64]
	}{{"discount", t.Totals.Discount}, {"tax", t.Totals.Tax}, {"rounding", t.Totals.Rounding}} {
		if total.value.Value != 0 {
			c.refuse("/totals/"+total.name, "control-money", "is %d; a Control moves no money", total.value.Value)
		}
	}
}

func linePointer(i int, field string) string { return fmt.Sprintf("/lineItems/%d/%s", i, field) }
