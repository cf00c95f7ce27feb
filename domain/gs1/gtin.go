// Package gs1 knows the numbers by which trade names its products: GTINs,
// their check digits, and the prefixes that say whose they are.
//
// # One form
//
// A GTIN has 8, 12, 13 or 14 digits. All are one number in different
// lengths: filled up with zeros on the left they are 14 digits, and in that
// form only are they compared, committed or stored.
//
//	GTIN-14   i pppppppppppp c   indicator, prefix and item, check digit
//	GTIN-13   0 pppppppppppp c
//	GTIN-12   0 0ppppppppppp c   the U.P.C.: company prefixes that begin with 0
//	GTIN-8    0 00000ppppppp c
//
// The indicator is the packing (1 to 8 an outer case, 9 variable measure), so
// prefixes are looked for behind it: a case belongs to whom its units belong
// to.
//
// # Prefixes
//
// The first digits of the GTIN-13 form are a GS1 prefix. Under 02, 04 and 20
// to 29 a shop numbers what it weighs and packs itself; such numbers mean
// nothing elsewhere. A number with five zeros behind its indicator is a
// GTIN-8, which GS1 issues one by one: it has no company prefix, and is a
// shop's own when it begins with 0 or 2.
package gs1

// Normalise brings a GTIN of 8, 12, 13 or 14 digits to 14. It does not look at
// the check digit.
func Normalise(gtin string) (gtin14 string, ok bool) {
	if !isDigits(gtin) {
		return "", false
	}
	switch len(gtin) {
	case 8, 12, 13, 14:
		return "00000000000000"[len(gtin):] + gtin, true
	}
	return "", false
}

// CheckDigit returns the digit that makes body, a GTIN without its last
// digit, valid. From the right, digits weigh 3 and 1 in turn.
func CheckDigit(body string) byte {
	sum, weight := 0, 3
	for i := len(body) - 1; i >= 0; i-- {
		sum += int(body[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// ValidCheckDigit reports whether the last digit of a GTIN of any length is
// the one its other digits give.
func ValidCheckDigit(gtin string) bool {
	last := len(gtin) - 1
	return last > 0 && isDigits(gtin) && gtin[last] == CheckDigit(gtin[:last])
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
