package ticket

import (
	"strings"
	"unicode"
)

// A payment card's number has 13 to 19 digits, the last of which makes Luhn's
// sum a multiple of ten.
const (
	minCardDigits = 13
	maxCardDigits = 19
)

// holdsCardNumber reports whether text holds a card number, alone or in the
// midst of other text, in one piece or in groups with spaces or dashes
// between. A group counts whole: a part of a longer number is none.
//
// Left out are UUIDs and long hexadecimal numbers, such as a redemption's id
// or a transaction on a blockchain: by chance one in a few hundred of them
// would hold such digits.
func holdsCardNumber(text string) bool {
	if !hasCardDigits(text) {
		return false
	}
	for run := range strings.FieldsFuncSeq(digitsAndGaps(text), func(c rune) bool { return c == 'x' }) {
		groups := strings.Fields(run)
		for first := range groups {
			number := ""
			for _, group := range groups[first:] {
				if number += group; len(number) > maxCardDigits {
					break
				}
				if len(number) >= minCardDigits && passesLuhn(number) {
					return true
				}
			}
		}
	}
	return false
}

// hasCardDigits tells most references, which are short, without more ado.
func hasCardDigits(text string) bool {
	digits := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			digits++
		}
	}
	return digits >= minCardDigits
}

// digitsAndGaps keeps text's digits, turns spaces and dashes into a space and
// everything else, identifiers included, into an x.
func digitsAndGaps(text string) string {
	var kept strings.Builder
	inWord, identifierEnd := false, 0
	for i, c := range text {
		if !inWord && i >= identifierEnd {
			identifierEnd = i + identifierLength(text[i:])
		}
		inWord = isWord(c)
		switch {
		case i < identifierEnd:
			kept.WriteByte('x')
		case '0' <= c && c <= '9':
			kept.WriteRune(c)
		case unicode.Is(unicode.Zs, c) || unicode.Is(unicode.Pd, c):
			kept.WriteByte(' ')
		default:
			kept.WriteByte('x')
		}
	}
	return kept.String()
}

// identifierLength returns the length of the UUID, or of the hexadecimal
// number of 32 digits or more, that text begins with, or 0.
func identifierLength(text string) int {
	if len(text) >= 36 && isUUID(text[:36]) && (len(text) == 36 || !isWord(rune(text[36]))) {
		return 36
	}
	word := text
	if end := strings.IndexFunc(text, func(c rune) bool { return !isWord(c) }); end >= 0 {
		word = text[:end]
	}
	digits := strings.TrimPrefix(word, "0x")
	if len(digits) < 32 || strings.ContainsFunc(digits, func(c rune) bool { return c > 'f' || !isHex(byte(c)) }) {
		return 0
	}
	return len(word)
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

func passesLuhn(number string) bool {
	total := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 { // every second from the right counts double, by its digits
			digit *= 2
			if digit > 9 {
				digit -= 9
			}
		}
		total += digit
	}
	return total%10 == 0
}
