package ticket

import "strconv"

// Quantity is a number of units in thousandths.
type Quantity int64

// String returns the canonical decimal, without superfluous zeros.
func (q Quantity) String() string { return string(appendDecimal(nil, int64(q), 3)) }

// UnitPrice is a price for one unit in hundred-thousandths of the currency's
// major unit, as printed; it is information, no amount is computed from it.
type UnitPrice int64

// String returns the canonical decimal, without superfluous zeros.
func (p UnitPrice) String() string { return string(appendDecimal(nil, int64(p), 5)) }

// appendDecimal writes value × 10^-places without superfluous zeros.
func appendDecimal(dst []byte, value int64, places int) []byte {
	scale := pow10(places)
	whole, fraction := value/scale, value%scale
	if value < 0 { // whole may be 0, and has no sign then
		dst = append(dst, '-')
		whole, fraction = -whole, -fraction
	}
	dst = strconv.AppendInt(dst, whole, 10)
	if fraction == 0 {
		return dst
	}
	dst = append(dst, '.')
	for fraction > 0 {
		scale /= 10
		dst = append(dst, byte('0'+fraction/scale))
		fraction %= scale
	}
	return dst
}

// parseDecimal reads digits[.digits], optionally signed, with at most 12
// digits before the point and places after it: the result always fits.
func parseDecimal(text string, places int, signed bool) (int64, bool) {
	negative := signed && len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	var value int64
	whole := 0
	for whole < len(text) && isDigit(text[whole]) {
		value = value*10 + int64(text[whole]-'0')
		if whole++; whole > 12 {
			return 0, false
		}
	}
	if whole == 0 {
		return 0, false
	}
	fraction := text[whole:]
	if fraction != "" {
		if fraction[0] != '.' || len(fraction) == 1 || len(fraction) > 1+places {
			return 0, false
		}
		fraction = fraction[1:]
	}
	for i := range places {
		value *= 10
		if i < len(fraction) {
			if !isDigit(fraction[i]) {
				return 0, false
			}
			value += int64(fraction[i] - '0')
		}
	}
	if negative {
		value = -value
	}
	return value, true
}

func pow10(n int) int64 {
	power := int64(1)
	for range n {
		power *= 10
	}
	return power
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
