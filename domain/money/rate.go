package money

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/tillproof/tillproof/domain/currency"
)

const (
	// Billionths is the denominator of a rate.
	Billionths = 1_000_000_000
	// Ether is the code of Ethereum's own currency, which ISO 4217 does not have.
	Ether = "ETH"
	// MaxRate bounds a rate: beyond a billion, something is amiss.
	MaxRate = Billionths * Billionths
)

var weiPerEther = pow10(18)

// ErrRate says that a number cannot be a rate.
var ErrRate = errors.New("a rate is a decimal number above zero and up to a billion")

// Pair is two currencies: what one Base is worth in Quote.
type Pair struct{ Base, Quote string }

func (p Pair) String() string { return p.Base + "/" + p.Quote }

// Check makes sure that the currencies are known, and two.
func (p Pair) Check() error {
	for _, code := range []string{p.Base, p.Quote} {
		if _, known := currency.MinorDigits(code); !known && code != Ether {
			return fmt.Errorf("%s: %q is no currency known here", p, code)
		}
	}
	if p.Base == p.Quote {
		return fmt.Errorf("%s: a currency needs no rate to itself", p)
	}
	return nil
}

// Rate is what one Base is worth in Quote, in billionths.
type Rate struct {
	Pair
	Billionths int64
}

// Check makes sure that the rate can be reckoned with.
func (r Rate) Check() error {
	if err := r.Pair.Check(); err != nil {
		return err
	}
	if r.Billionths <= 0 || r.Billionths > MaxRate {
		return fmt.Errorf("%s: %d billionths: %w", r.Pair, r.Billionths, ErrRate)
	}
	return nil
}

// Decimal writes the number, as ParseBillionths reads it.
func (r Rate) Decimal() string {
	text := fmt.Sprintf("%d.%09d", r.Billionths/Billionths, r.Billionths%Billionths)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Cross returns the rate of a pair from what one and the same unit of a third
// currency is worth in both, in billionths. With a billion for one of them it
// turns a rate round or leaves it.
func Cross(pair Pair, inBase, inQuote int64) (Rate, error) {
	if inBase <= 0 || inQuote <= 0 {
		return Rate{}, fmt.Errorf("%s: %w", pair, ErrRate)
	}
	dividend := new(big.Int).Mul(big.NewInt(inQuote), big.NewInt(Billionths))
	quotient := divideRounded(dividend, big.NewInt(inBase))
	if !quotient.IsInt64() {
		return Rate{}, fmt.Errorf("%s: %w", pair, ErrRate)
	}
	rate := Rate{pair, quotient.Int64()}
	return rate, rate.Check()
}

// Conversion returns the rate between the minor units: billionths of the
// quote's for one of the base's.
func (r Rate) Conversion() (int64, error) {
	if err := r.Check(); err != nil {
		return 0, err
	}
	from, known := currency.MinorDigits(r.Base)
	to, alsoKnown := currency.MinorDigits(r.Quote)
	if !known || !alsoKnown {
		return 0, fmt.Errorf("%s: %s has no minor unit that tickets count in", r.Pair, Ether)
	}
	dividend := new(big.Int).Mul(big.NewInt(r.Billionths), pow10(to))
	conversion := divideRounded(dividend, pow10(from))
	if conversion.Sign() == 0 || !conversion.IsInt64() {
		return 0, fmt.Errorf("%s: the conversion of %d billionths between minor units: %w", r.Pair, r.Billionths, ErrRate)
	}
	return conversion.Int64(), nil
}

// Wei turns an amount in minor units of the quote into wei. The base is Ether.
func (r Rate) Wei(amount int64) (*big.Int, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	digits, known := currency.MinorDigits(r.Quote)
	if r.Base != Ether || !known {
		return nil, fmt.Errorf("%s: wei come from a rate of %s in the amount's currency", r.Pair, Ether)
	}
	dividend := new(big.Int).Mul(big.NewInt(amount), weiPerEther)
	dividend.Mul(dividend, big.NewInt(Billionths))
	divisor := new(big.Int).Mul(big.NewInt(r.Billionths), pow10(digits))
	return divideRounded(dividend, divisor), nil
}

// divideRounded rounds to the nearest, and half away from zero. The divisor is
// above zero.
func divideRounded(dividend, divisor *big.Int) *big.Int {
	magnitude := new(big.Int).Abs(dividend)
	magnitude.Lsh(magnitude, 1).Add(magnitude, divisor)
	magnitude.Quo(magnitude, new(big.Int).Lsh(divisor, 1))
	if dividend.Sign() < 0 {
		magnitude.Neg(magnitude)
	}
	return magnitude
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
