package hotstate

import (
	"math/big"
	"testing"
)

// numbers stand around everything that might be handled apart: zero, places, 15 and 19 digits, 64 bits.
var numbers = []string{
	"0", "1", "-1", "0.5", "-0.5", "0.001", "-0.001", "1.25", "12.742", "-12.742", "188.889", "3", "7", "-3",
	"999999999999999", "-999999999999999.999", "9223372036854775.807", "-9223372036854775.808", "9223372036854775.808", "23058430092136.939", "23058430092136.94",
	"9223372036854775807", "-9223372036854775808", "90071992547409910001", "-123456789012345678901234567890.123",
}

func TestDecimals(t *testing.T) {
	t.Parallel()
	for _, text := range numbers {
		a := decimal(t, text)
		if a.String() != text {
			t.Errorf("%s is written as %s", text, a)
		}
		for _, other := range numbers {
			b := decimal(t, other)
			if got, want := a.Minus(b).String(), exactly(t, new(big.Rat).Sub(rational(text), rational(other))); got != want {
				t.Errorf("%s - %s = %s, want %s", text, other, got, want)
			}
			price, defined := a.Per(b)
			if defined != (other != "0") {
				t.Errorf("%s / %s is defined: %t", text, other, defined)
			}
			if !defined {
				continue
			}
			// FloatString rounds halves away from zero, as people and PostgreSQL do.
			if got, want := price.String(), exactly(t, rational(new(big.Rat).Quo(rational(text), rational(other)).FloatString(2))); got != want {
				t.Errorf("%s / %s = %s, want %s", text, other, got, want)
			}
		}
	}
}

func TestDecimalsAreReadAsPostgreSQLWritesThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"2.000": "2", "-0.500": "-0.5", "1.2500000": "1.25", "0.000": "0", "100": "100", "12345678901234567.800": "12345678901234567.8"} {
		if got := decimal(t, text).String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "x", "NaN", "1.2345", "1e5", "Infinity", "12345678901234567x"} {
		if got, err := readDecimal([]byte(text)); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func decimal(t *testing.T, text string) Decimal {
	t.Helper()
	d, err := readDecimal([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rational(text string) *big.Rat {
	r, good := new(big.Rat).SetString(text)
	if !good {
		panic(text)
	}
	return r
}

// exactly writes a number that has at most three places by way of the reader.
func exactly(t *testing.T, r *big.Rat) string {
	return decimal(t, r.FloatString(decimalPlaces)).String()
}
