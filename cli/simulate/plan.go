package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// slot is one use of a till: when, and for what if not for trade.
type slot struct {
	end     int64 // Unix time
	store   int32
	till    int32
	control ticket.ControlType
}

// planDay spreads a day's tickets over stores, tills and hours, in order of
// time. The tills' opening and closing are among the tickets.
func (c *chain) planDay(date time.Time, tickets int) []slot {
	slots := make([]slot, tickets)
	for i := range slots {
		store := c.dice.pick(c.sizes)
		shop := &c.stores[store]
		second := (opens+c.dice.pick(shop.hours(date)))*3600 + c.dice.IntN(3600)
		slots[i] = slot{
			end:   at(date, second, c.place(shop)).Unix(),
			store: int32(store),
			till:  int32(c.dice.pick(shop.tills)),
		}
	}
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.store, b.store), cmp.Compare(a.till, b.till), cmp.Compare(a.end, b.end))
	})
	for first := 0; first < len(slots); {
		next := first + 1
		for next < len(slots) && slots[next].store == slots[first].store && slots[next].till == slots[first].till {
			next++
		}
		c.openAndClose(date, slots[first:next])
		first = next
	}
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.store, b.store), cmp.Compare(a.till, b.till))
	})
	return slots
}

// openAndClose turns the first and last use of a till on a day into its
// opening and closing. With few tickets a day it mostly leaves them out, or
// there would be hardly anything else.
func (c *chain) openAndClose(date time.Time, till []slot) {
	if len(till) < 4 || c.dice.IntN(50) >= len(till) {
		return
	}
	shop := &c.stores[till[0].store]
	first, last := &till[0], &till[len(till)-1]
	first.control, last.control = ticket.Open, ticket.Close
	first.end = at(date, opens*3600-1-c.dice.IntN(900), c.place(shop)).Unix()
	last.end = at(date, shop.closing(date)*3600+300+c.dice.IntN(900), c.place(shop)).Unix()
}

func (c *chain) place(shop *store) *time.Location { return c.countries[shop.country].location }
