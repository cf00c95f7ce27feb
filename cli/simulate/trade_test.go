package simulate

import (
	"slices"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

func TestTradeIsBelievable(t *testing.T) {
	options := winter(t.TempDir())
	options.Tickets = 20_000
	var sizes []int
	count := map[string]int{}
	weekday := map[time.Weekday]int{}
	for _, made := range made(t, options) {
		count[string(made.Type)]++
		weekday[made.BusinessDayDate.Time().Weekday()]++
		if made.LoyaltyID != "" {
			count["member"]++
		}
		if made.Totals.Rounding.Present {
			count["rounded"]++
		}
		for _, tender := range made.Tenders {
			count[string(tender.Type)]++
			if tender.Type == ticket.Cash && tender.Amount < 0 && made.Type == ticket.Sale {
				count["change"]++
			}
		}
		for _, line := range made.LineItems {
			if line.Quantity%1000 != 0 {
				count["weighed"]++
			}
			for _, discount := range line.Discounts {
				count["promotion"] += min(1, len(discount.PromotionID))
				count["markdown"] += min(1, len(discount.ReasonCode))
			}
		}
		if made.Type == ticket.Sale {
			sizes = append(sizes, len(made.LineItems))
		}
	}
	slices.Sort(sizes)
	if median, largest := sizes[len(sizes)/2], sizes[len(sizes)-1]; median < 5 || median > 7 || largest < 40 {
		t.Errorf("baskets: median %d, largest %d", median, largest)
	}
	perMille := func(name string) int { return count[name] * 1000 / options.Tickets }
	for name, bounds := range map[string][2]int{
		"Return": {9, 20}, "PostVoid": {1, 4}, "Control": {20, 80}, "member": {520, 620},
		"Cash": {300, 900}, "Card": {300, 700}, "Voucher": {5, 40}, "change": {150, 500},
		"rounded": {10, 150}, "weighed": {300, 3000}, "promotion": {100, 1500}, "markdown": {5, 200},
	} {
		if got := perMille(name); got < bounds[0] || got > bounds[1] {
			t.Errorf("%s: %d per mille, want %d to %d", name, got, bounds[0], bounds[1])
		}
	}
	if weekday[time.Saturday] <= weekday[time.Tuesday]*3/2 {
		t.Errorf("Saturdays are not busy: %v", weekday)
	}
}

// A member's favourite product is one they buy far more often than chance
// would have it, in a store of their own.
func TestMembersHaveHabits(t *testing.T) {
	options := winter(t.TempDir())
	options.Tickets = 20_000
	stores, visits := map[string]map[string]int{}, map[string]int{}
	for _, made := range made(t, options) {
		if made.LoyaltyID == "" || made.Type != ticket.Sale {
			continue
		}
		if stores[made.LoyaltyID] == nil {
			stores[made.LoyaltyID] = map[string]int{}
		}
		stores[made.LoyaltyID][made.StoreID]++
		visits[made.LoyaltyID]++
	}
	if len(visits) != options.Customers {
		t.Errorf("%d of %d members ever shop", len(visits), options.Customers)
	}
	loyal := 0
	for member, byStore := range stores {
		for _, n := range byStore {
			if n*2 > visits[member] {
				loyal++
			}
		}
	}
	if loyal*10 < len(visits)*9 {
		t.Errorf("only %d of %d members have a store of their own", loyal, len(visits))
	}
}
