// Package points is the arithmetic of the loyalty programme: integers only, the same for the chaincode that decides and
// for the servers that foretell.
//
//	points = sign(eligible) × ⌊|eligible| × rate / 10 000⌋
//
// The eligible amount is in minor units of the ticket's currency, the rate in basis points; one point is worth one minor
// unit when redeemed. Flooring the magnitude makes a sale and its exact negation cancel to the point.
package points

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// BasisPoints is the denominator of a rate: 100 basis points are one percent.
const BasisPoints = 10_000

// MaxEligible is the largest magnitude an eligible amount can have: the 53 bits of a ticket's amounts.
const MaxEligible = 1<<53 - 1

// Earned gives the points that an eligible amount earns at a rate. A negative amount takes points away. Magnitudes
// beyond MaxEligible, which no ticket can hold, and results beyond an int64 are saturated rather than wrapped.
func Earned(eligible int64, rateBasisPoints uint32) int64 {
	magnitude := uint64(eligible)
	if eligible < 0 {
		magnitude = -magnitude
	}
	hi, lo := bits.Mul64(magnitude, uint64(rateBasisPoints))
	if hi >= BasisPoints {
		return saturated(eligible)
	}
	quotient, _ := bits.Div64(hi, lo, BasisPoints)
	if quotient > math.MaxInt64 {
		return saturated(eligible)
	}
	if eligible < 0 {
		return -int64(quotient)
	}
	return int64(quotient)
}

func saturated(eligible int64) int64 {
	if eligible < 0 {
		return -math.MaxInt64
	}
	return math.MaxInt64
}

// A Rule says how points are earned from a business day on.
type Rule struct {
	Version         uint32 // counts up from 1; recorded with every ticket
	EffectiveFrom   string // business day, YYYY-MM-DD
	RateBasisPoints uint32
}

// A Programme is the rules that were ever agreed, in the order of their versions.
type Programme []Rule

// Default is the programme in force until the two organisations agree on another: one percent, since ever.
var Default = Programme{{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100}}

// Version is that of the rule agreed last: every change of the programme adds a rule.
func (p Programme) Version() uint32 {
	var newest uint32
	for _, rule := range p {
		newest = max(newest, rule.Version)
	}
	return newest
}

// ErrNoRule says that no rule of the programme was in force on a business day.
var ErrNoRule = errors.New("no points rule was in force on that business day")

// RuleFor gives the rule in force on a business day (YYYY-MM-DD): of those already effective the one with the latest
// effective date, and of two with the same date the one agreed later. ISO dates compare as text.
func (p Programme) RuleFor(businessDay string) (Rule, error) {
	var best Rule
	for _, rule := range p {
		if rule.EffectiveFrom <= businessDay && rule.EffectiveFrom >= best.EffectiveFrom {
			best = rule
		}
	}
	if best.Version == 0 {
		return Rule{}, fmt.Errorf("business day %q: %w", businessDay, ErrNoRule)
	}
	return best, nil
}

// Points gives what an eligible amount of a business day earns under the programme, 0 where no rule was in force.
func (p Programme) Points(eligible int64, businessDay string) int64 {
	rule, err := p.RuleFor(businessDay)
	if err != nil {
		return 0
	}
	return Earned(eligible, rule.RateBasisPoints)
}
