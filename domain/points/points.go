// Package points is the arithmetic of the loyalty programme: integers only, the same for the chaincode that decides and
// for the servers that foretell.
//
//	points = sign(eligible) × ⌊|eligible| × rate / 10 000⌋
//
// The eligible amount is in minor units of the ticket's currency, the rate in basis points; one point is worth one minor
// unit when redeemed. Flooring the magnitude makes a sale and its exact negation cancel to the point. Where the programme
// counts in a currency of its own, the amount is converted first, and floored in the same way:
//
//	converted = sign(eligible) × ⌊|eligible| × conversion / 1 000 000 000⌋
package points

import (
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

// Billionths is the denominator of a conversion.
const Billionths = 1_000_000_000

// Converted gives an amount in the minor units of another currency. The conversion is in billionths of the other's minor
// unit for one of this; 0 leaves the amount as it is. Magnitudes beyond MaxEligible are saturated.
func Converted(amount, conversion int64) int64 {
	if conversion <= 0 {
		return amount
	}
	magnitude := uint64(amount)
	if amount < 0 {
		magnitude = -magnitude
	}
	converted := uint64(MaxEligible)
	if hi, lo := bits.Mul64(magnitude, uint64(conversion)); hi < Billionths {
		quotient, _ := bits.Div64(hi, lo, Billionths)
		converted = min(converted, quotient)
	}
	if amount < 0 {
		return -int64(converted)
	}
	return int64(converted)
}
