package hotstate

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// A Decimal is an exact sum with up to three places. It has room for any number: a thousand lines at the largest amount
// that a ticket may hold pass 64 bits.
type Decimal struct {
	thousandths int64
	large       *big.Int // thousandths that pass 64 bits; nil: they do not
}

const (
	decimalPlaces = 3
	// smallDigits before the point and decimalPlaces behind it always fit into 64 bits.
	smallDigits = 15
)

// readDecimal reads PostgreSQL's text of a number.
func readDecimal(text []byte) (Decimal, error) {
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	for len(fraction) > decimalPlaces && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if len(whole) == 0 || len(fraction) > decimalPlaces {
		return Decimal{}, fmt.Errorf("%q is no number of at most %d places", text, decimalPlaces)
	}
	digits := append(make([]byte, 0, 32), whole...) // on the stack
	digits = append(append(digits, fraction...), "000"[len(fraction):]...)
	if len(whole) <= smallDigits {
		thousandths, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			return Decimal{}, fmt.Errorf("%q is no number", text)
		}
		return Decimal{thousandths: thousandths}, nil
	}
	large, good := new(big.Int).SetString(string(digits), 10)
	if !good {
		return Decimal{}, fmt.Errorf("%q is no number", text)
	}
	return Decimal{large: large}, nil
}

func (d Decimal) big() *big.Int {
	if d.large != nil {
		return d.large
	}
	return big.NewInt(d.thousandths)
}

func decimalOf(thousandths *big.Int) Decimal {
	if thousandths.IsInt64() {
		return Decimal{thousandths: thousandths.Int64()}
	}
	return Decimal{large: thousandths}
}

// Minus is the difference.
func (d Decimal) Minus(e Decimal) Decimal {
	difference := d.thousandths - e.thousandths
	overflows := (d.thousandths < 0) != (e.thousandths < 0) && (difference < 0) != (d.thousandths < 0)
	if d.large == nil && e.large == nil && !overflows {
		return Decimal{thousandths: difference}
	}
	return decimalOf(new(big.Int).Sub(d.big(), e.big()))
}

// Per is the quotient, rounded to two places, halves away from zero. Nothing is had by zero.
func (d Decimal) Per(e Decimal) (quotient Decimal, defined bool) {
	const most = math.MaxInt64 / 400 // twice the dividend in hundredths, and the divisor, fit
	if n, m := d.thousandths, e.thousandths; d.large == nil && e.large == nil && -most < n && n < most && 0 < m && m < most {
		if n < 0 {
			return Decimal{thousandths: (200*n - m) / (2 * m) * 10}, true
		}
		return Decimal{thousandths: (200*n + m) / (2 * m) * 10}, true
	}
	divisor := e.big()
	if divisor.Sign() == 0 {
		return Decimal{}, false
	}
	twice, half := new(big.Int).Mul(d.big(), big.NewInt(200)), new(big.Int).Abs(divisor)
	if half.Mul(half, big.NewInt(int64(twice.Sign()*divisor.Sign()))); divisor.Sign() < 0 {
		half.Neg(half)
	}
	hundredths := twice.Add(twice, half)
	hundredths.Quo(hundredths, new(big.Int).Mul(divisor, big.NewInt(2)))
	return decimalOf(hundredths.Mul(hundredths, big.NewInt(10))), true
}

// Append writes the number without superfluous zeros.
func (d Decimal) Append(to []byte) []byte {
	if d.large != nil || d.thousandths == math.MinInt64 {
		text := new(big.Rat).SetFrac(d.big(), big.NewInt(1000)).FloatString(decimalPlaces)
		return append(to, bytes.TrimRight(bytes.TrimRight([]byte(text), "0"), ".")...)
	}
	n := d.thousandths
	if n < 0 {
		to, n = append(to, '-'), -n
	}
	to = strconv.AppendInt(to, n/1000, 10)
	if n %= 1000; n != 0 {
		to = append(to, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
		to = bytes.TrimRight(to, "0")
	}
	return to
}

func (d Decimal) String() string { return string(d.Append(nil)) }
