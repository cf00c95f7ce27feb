package eterticket

import (
	"strings"

	"github.com/tillproof/tillproof/domain/gs1"
)

// readBarcode returns the code as the scanner had it, and its GTIN in 14 digits
// if it is one.
func readBarcode(text string) (code, gtin string) {
	code = strings.TrimSuffix(text, ".0")
	for _, candidate := range []string{code, "0" + code} {
		if gtin, ok := gs1.Normalise(candidate); ok && gs1.ValidCheckDigit(candidate) {
			return candidate, gtin
		}
	}
	return code, ""
}
