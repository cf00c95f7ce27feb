package chaos

import (
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
)

// A balance that cannot fail proves nothing.
func TestCompareTickets(t *testing.T) {
	t.Parallel()
	sold := newSale("s", "2026-03-02", "2026-03-02T10:00:00Z", 1, 1) // a member's, of 1.90
	there := hotstate.ViewedTicket{TransactionID: sold.id, LoyaltyID: sold.member, Points: 1, Entries: 1}
	changed := func(change func(*hotstate.ViewedTicket)) []hotstate.ViewedTicket {
		other := there
		change(&other)
		return []hotstate.ViewedTicket{other}
	}
	for name, c := range map[string]struct {
		answered bool
		view     []hotstate.ViewedTicket
		want     string // in the one difference; "" for none
		points   int64
	}{
		"recorded":                    {true, []hotstate.ViewedTicket{there}, "", 1},
		"recorded without an answer":  {false, []hotstate.ViewedTicket{there}, "", 1},
		"not recorded, and no answer": {false, nil, "", 0},
		"lost":                        {true, nil, "was acknowledged, and is not in the view", 0},
		"twice":                       {true, []hotstate.ViewedTicket{there, there}, "in the view twice", 2},
		"nobody's":                    {true, append(changed(func(v *hotstate.ViewedTicket) { v.TransactionID = "other" }), there), "nobody sent it", 1},
		"other points":                {true, changed(func(v *hotstate.ViewedTicket) { v.Points = 2 }), "and should have 1", 1},
		"credited twice":              {true, changed(func(v *hotstate.ViewedTicket) { v.Entries = 2 }), "in 2 entries", 1},
		"another member's":            {true, changed(func(v *hotstate.ViewedTicket) { v.LoyaltyID = "m" }), "and should have 1", 1},
	} {
		t.Run(name, func(t *testing.T) {
			book, balance := newBook(), &Balance{}
			book.sending(sold)
			if c.answered {
				book.acknowledge(sold)
			}
			booked := balance.compareTickets(book, c.view)
			if got := strings.Join(balance.Differences, "; "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("differences %q, want %q", got, c.want)
			}
			if booked[sold.member] != c.points {
				t.Errorf("%d points booked, want %d", booked[sold.member], c.points)
			}
		})
	}
}
