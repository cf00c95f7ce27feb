package gs1

import "strings"

// A company prefix has 4 to 12 digits, written as it stands in the GTIN-13
// form (a U.P.C. company prefix has a 0 in front there).
const (
	MinPrefixDigits = 4
	MaxPrefixDigits = 12
)

// IsInStore reports whether gtin14 is a number that a shop gave itself.
func IsInStore(gtin14 string) bool {
	if len(gtin14) != 14 {
		return false
	}
	if isGTIN8(gtin14) {
		return gtin14[6] == '0' || gtin14[6] == '2'
	}
	return isInStorePrefix(gtin14[1:])
}

// ValidPrefix reports whether prefix can be a GS1 company prefix: 4 to 12
// digits, outside the ranges that belong to no company.
func ValidPrefix(prefix string) bool {
	return len(prefix) >= MinPrefixDigits && len(prefix) <= MaxPrefixDigits && isDigits(prefix) &&
		!isInStorePrefix(prefix) && !strings.HasPrefix("00000", prefix) && !strings.HasPrefix(prefix, "00000")
}

// MatchesPrefix reports whether gtin14 is of the company that holds prefix. A
// company that holds several, or one inside another's, has what its longest
// match says; comparing lengths is the caller's.
func MatchesPrefix(gtin14, prefix string) bool {
	return len(gtin14) == 14 && ValidPrefix(prefix) && strings.HasPrefix(gtin14[1:], prefix)
}

// isInStorePrefix looks at the first two digits of the GTIN-13 form.
func isInStorePrefix(gtin13 string) bool {
	return gtin13[0] == '2' || gtin13[0] == '0' && (gtin13[1] == '2' || gtin13[1] == '4')
}

// isGTIN8 relies on GS1's leaving the prefixes 0000001 to 0000099 unused, so
// that no other number has these zeros.
func isGTIN8(gtin14 string) bool { return gtin14[1:6] == "00000" }
