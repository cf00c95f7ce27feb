// Package account is the arithmetic of one member's points: what a head holds, how credits and debits are folded into it,
// what spending takes out of it, what a hold keeps aside, and what is left of a purchase that was returned in parts. It
// is pure: no ledger, no clock.
//
// An account's balance is
//
//	Σ entries not yet folded + Σ buckets of the head − debt of the head + Σ open holds
//
// of which the open holds cannot be spent. A head alone is a lower bound of what can be spent, once every debit is folded:
// leaving credits out gains nobody anything.
package account

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tillproof/tillproof/domain/points"
)

// MaxHolds is how many holds of one account may be open at once.
const MaxHolds = 20

// A Part is a number of points that expire together.
type Part struct {
	Month  points.Month
	Points int64 // > 0
}

// Sum adds parts up.
func Sum(parts []Part) int64 {
	var sum int64
	for _, part := range parts {
		sum += part.Points
	}
	return sum
}

// An OpenHold is what a head knows of a hold.
type OpenHold struct {
	ID        [16]byte
	ExpiresAt int64 // seconds since 1970
	Points    int64
}

// A Head is what spending reads and writes. Its zero value is that of an account on which nothing was folded yet.
type Head struct {
	Revision uint64     // counts changes
	Debt     int64      // what debits took beyond what there was; ≥ 0, and 0 where there are buckets
	Buckets  []Part     // by month, each once, what never expires last
	Holds    []OpenHold // in the order they were made
}

// Available is what can be spent, negative where the account is in debt.
func (h *Head) Available() int64 { return Sum(h.Buckets) - h.Debt }

// Held is what open holds keep aside.
func (h *Head) Held() int64 {
	var sum int64
	for _, hold := range h.Holds {
		sum += hold.Points
	}
	return sum
}

// Credit adds points; they pay a debt first.
func (h *Head) Credit(part Part) {
	paid := min(h.Debt, part.Points)
	h.Debt -= paid
	if part.Points -= paid; part.Points <= 0 {
		return
	}
	at, found := slices.BinarySearchFunc(h.Buckets, part.Month, byMonth)
	if found {
		h.Buckets[at].Points += part.Points
		return
	}
	h.Buckets = slices.Insert(h.Buckets, at, part)
}

// Debit takes points back: first those of the month that the debit names, then those that last longest, so that nobody
// lengthens the life of points by buying and returning. What is not there becomes debt.
func (h *Head) Debit(part Part) {
	left := part.Points
	if at, found := slices.BinarySearchFunc(h.Buckets, part.Month, byMonth); found {
		left -= h.take(at, left)
	}
	for len(h.Buckets) > 0 && left > 0 {
		left -= h.take(len(h.Buckets)-1, left)
	}
	h.Debt += left
}

// ErrInsufficient says that an account has not got the points.
var ErrInsufficient = errors.New("insufficient points")

// Spend takes points out, those that expire soonest first, and says which.
func (h *Head) Spend(amount int64) ([]Part, error) {
	if amount <= 0 {
		return nil, fmt.Errorf("spend %d points: want more than none", amount)
	}
	if h.Available() < amount {
		return nil, fmt.Errorf("spend %d points of %d: %w", amount, h.Available(), ErrInsufficient)
	}
	var spent []Part
	for amount > 0 {
		month := h.Buckets[0].Month
		taken := h.take(0, amount)
		spent = append(spent, Part{Month: month, Points: taken})
		amount -= taken
	}
	return spent, nil
}

// Expire drops the buckets whose month has passed and says how many points they held.
func (h *Head) Expire(at time.Time) int64 {
	var expired int64
	for len(h.Buckets) > 0 && h.Buckets[0].Month.Passed(at) {
		expired += h.Buckets[0].Points
		h.Buckets = slices.Delete(h.Buckets, 0, 1)
	}
	return expired
}

// take removes up to so many points from a bucket, and the bucket when it is empty.
func (h *Head) take(at int, most int64) int64 {
	taken := min(h.Buckets[at].Points, most)
	h.Buckets[at].Points -= taken
	if h.Buckets[at].Points == 0 {
		h.Buckets = slices.Delete(h.Buckets, at, at+1)
	}
	return taken
}

func byMonth(part Part, month points.Month) int {
	switch {
	case part.Month == month:
		return 0
	case part.Month.Before(month):
		return -1
	default:
		return 1
	}
}
