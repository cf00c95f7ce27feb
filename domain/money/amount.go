package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/domain/currency"
)

// ErrAmount says that a text is no amount of money.
var ErrAmount = errors.New("an amount is a decimal number and a currency, such as 5.00 EUR, within what 64 bits count in minor units")

// Amount is money of one currency, in its minor unit.
type Amount struct {
	Minor    int64
	Currency string
}

// ParseAmount reads an amount that is not below zero: "5 EUR", "5.00 EUR", "500 JPY".
func ParseAmount(text string) (Amount, error) {
	number, code, _ := strings.Cut(text, " ")
	digits, known := currency.MinorDigits(code)
	whole, fraction, point := strings.Cut(number, ".")
	if !known || whole == "" || point && fraction == "" || len(fraction) > digits || !isDigits(whole) || !isDigits(fraction) {
		return Amount{}, fmt.Errorf("%.40q: %w", text, ErrAmount)
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return Amount{}, fmt.Errorf("%.40q: %w", text, ErrAmount)
	}
	return Amount{minor, code}, nil
}

// String writes it as ParseAmount reads it.
func (a Amount) String() string {
	digits, _ := currency.MinorDigits(a.Currency)
	text := fmt.Sprintf("%0*d", digits+1, a.Minor)
	if whole := len(text) - digits; digits > 0 {
		text = text[:whole] + "." + text[whole:]
	}
	return text + " " + a.Currency
}
