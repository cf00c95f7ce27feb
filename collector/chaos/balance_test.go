package chaos

import (
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
)

// A balance that cannot fail proves nothing.
func TestCompareTickets(t *testing.T) {
	t.Parallel()
	sold := (&register{store: "s", till: "1", day: "2026-03-02", time: "2026-03-02T10:00:00Z"}).sale("m", 190, payment{})
	there := hotstate.ViewedTicket{TransactionID: sold.id, LoyaltyID: "m", Points: 1, Accruals: 1}
	changed := func(change func(*hotstate.ViewedTicket)) []hotstate.ViewedTicket {
		other := there
		change(&other)
		return []hotstate.ViewedTicket{other}
	}
	for name, c := range map[string]struct {
		answered bool
		view     []hotstate.ViewedTicket
		want     string // in the one difference; "" for none
	}{
		"recorded":         {true, []hotstate.ViewedTicket{there}, ""},
		"without answer":   {false, []hotstate.ViewedTicket{there}, "never got an answer"},
		"lost":             {true, nil, "was acknowledged, and is not in the view"},
		"twice":            {true, []hotstate.ViewedTicket{there, there}, "in the view twice"},
		"nobody's":         {true, append(changed(func(v *hotstate.ViewedTicket) { v.TransactionID = "other" }), there), "nobody sent it"},
		"other points":     {true, changed(func(v *hotstate.ViewedTicket) { v.Points = 2 }), "should have earned 1"},
		"credited twice":   {true, changed(func(v *hotstate.ViewedTicket) { v.Accruals = 2 }), "in 2 entries"},
		"another member's": {true, changed(func(v *hotstate.ViewedTicket) { v.LoyaltyID = "n" }), "should have earned 1"},
	} {
		t.Run(name, func(t *testing.T) {
			book, balance := newBook(), &Balance{}
			book.sending(sold)
			if c.answered {
				book.acknowledge(sold)
			}
			balance.compareTickets(book, c.view)
			if got := strings.Join(balance.Differences, "; "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("differences %q, want %q", got, c.want)
			}
		})
	}
}
