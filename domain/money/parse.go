package money

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

const (
	// maxRateText bounds the text of a rate, and maxExponent what may follow an
	// e: so a hostile text stays cheap.
	maxRateText = 64
	maxExponent = 30
)

// ParseBillionths reads a rate written in decimal, with an exponent or not, as
// in 1.0823 or 2.1e-05.
func ParseBillionths(text string) (int64, error) {
	value, ok := parseBillionths(text)
	if !ok || value <= 0 || value > MaxRate {
		return 0, fmt.Errorf("%.80q: %w", text, ErrRate)
	}
	return value, nil
}

func parseBillionths(text string) (int64, bool) {
	if len(text) > maxRateText {
		return 0, false
	}
	mantissa, power, scaled := strings.Cut(strings.ToLower(text), "e")
	exponent := 9
	if scaled {
		given, err := strconv.Atoi(power)
		if err != nil || given < -maxExponent || given > maxExponent {
			return 0, false
		}
		exponent += given
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if whole == "" || point && fraction == "" || !isDigits(whole) || !isDigits(fraction) {
		return 0, false
	}
	value, _ := new(big.Int).SetString(whole+fraction, 10)
	if exponent -= len(fraction); exponent >= 0 {
		value.Mul(value, pow10(exponent))
	} else {
		value = divideRounded(value, pow10(-exponent))
	}
	return value.Int64(), value.IsInt64()
}

func isDigits(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' })
}
