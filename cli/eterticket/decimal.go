package eterticket

import (
	"fmt"
	"strings"
)

// maxDigits before the point keep every product of two results in an int64.
const maxDigits = 10

// parseDecimal reads a decimal as a whole number of 10^-places. Digits beyond
// those places are rounded half away from zero.
func parseDecimal(text string, places int) (int64, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || len(whole) > maxDigits || !isDigits(whole) || !isDigits(fraction) || point && fraction == "" {
		return 0, fmt.Errorf("%q is not a decimal number with up to %d digits before the point", text, maxDigits)
	}
	var value int64
	for i := range len(whole) + places {
		value *= 10
		switch at := i - len(whole); {
		case at < 0:
			value += int64(whole[i] - '0')
		case at < len(fraction):
			value += int64(fraction[at] - '0')
		}
	}
	if len(fraction) > places && fraction[places] >= '5' {
		value++
	}
	if negative {
		value = -value
	}
	return value, nil
}

func isDigits(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' })
}
