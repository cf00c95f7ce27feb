package ticket

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tillproof/tillproof/domain/gs1"
)

// text reads a string of at most limit characters (code points).
func (r *reader) text(limit int) string {
	value, _ := r.string(limit)
	return value
}

func (r *reader) string(limit int) (value string, ok bool) {
	if !r.expect('"') {
		return "", false
	}
	value = string(r.unquoted(r.raw()))
	if r.err != nil {
		return "", false
	}
	if len(value) > limit && utf8.RuneCountInString(value) > limit {
		r.refuse("schema/max-length", "has %d characters; at most %d are allowed", utf8.RuneCountInString(value), limit)
		return "", false
	}
	if strings.IndexByte(value, 0) >= 0 {
		r.refuse("nul-character", "contains the character U+0000, which databases cannot hold; leave it out")
		return "", false
	}
	return value, true
}

// id reads an identifier: 1 to 64 characters, none of them a control, format,
// private-use or unassigned one.
func (r *reader) id() string {
	value, ok := r.string(64)
	if !ok {
		return ""
	}
	if value == "" {
		r.refuse("schema/min-length", "is empty; leave the field out when there is no value")
		return ""
	}
	if !isPrintableASCII(value) && strings.ContainsFunc(value, isOther) {
		r.refuse("schema/pattern", "contains a control, format, private-use or unassigned character")
		return ""
	}
	return value
}

// isOther is \p{C} of the schema.
func isOther(c rune) bool { return unicode.Is(unicode.C, c) }

func isPrintableASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// uuid reads a UUID and brings it to lower case.
func (r *reader) uuid() string {
	value, ok := r.string(64)
	if !ok {
		return ""
	}
	if !isUUID(value) {
		r.refuse("schema/format", "must be a UUID, as in 9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77")
		return ""
	}
	return strings.ToLower(value)
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if !isHex(text[i]) {
				return false
			}
		}
	}
	return true
}

func isHex(b byte) bool { return isDigit(b) || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F' }

// integer reads a whole number.
func (r *reader) integer(least, most int64) int64 {
	if !r.expect('0') {
		return 0
	}
	raw := r.raw()
	if r.err != nil {
		return 0
	}
	value, plain := parseInteger(raw)
	switch {
	case !plain:
		r.refuse("integer-form", "must be a whole number without point or exponent (money counts minor units: 12.99 EUR is 1299) and is %s", shorten(string(raw)))
	case value < -MaxInteger || value > MaxInteger:
		r.refuse("integer-53-bits", "exceeds 53 bits; numbers go from -9007199254740991 to 9007199254740991")
	case value < least:
		r.refuse("schema/minimum", "is %d; the least allowed is %d", value, least)
	case value > most:
		r.refuse("schema/maximum", "is %d; the most allowed is %d", value, most)
	default:
		return value
	}
	return 0
}

// parseInteger reads a JSON number that has digits only. Beyond 53 bits it
// stops counting, with a value out of range.
func parseInteger(raw []byte) (value int64, plain bool) {
	digits := raw
	if raw[0] == '-' {
		digits = raw[1:]
	}
	for _, b := range digits {
		if !isDigit(b) {
			return 0, false
		}
		if value <= MaxInteger {
			value = value*10 + int64(b-'0')
		}
	}
	if len(digits) < len(raw) {
		value = -value
	}
	return value, true
}

func (r *reader) minor() int64 { return r.integer(-MaxInteger, MaxInteger) }

func (r *reader) boolean() bool {
	if r.err == nil && r.json.PeekKind() == 'f' {
		r.raw()
		return false
	}
	if r.expect('t') {
		r.raw()
	}
	return true
}

// choice reads one of a few words.
func choice[T ~string](r *reader, words ...T) T {
	value, ok := r.string(64)
	if !ok {
		return ""
	}
	i := slices.Index(words, T(value))
	if i < 0 {
		names := make([]string, len(words))
		for i, word := range words {
			names[i] = string(word)
		}
		r.refuse("schema/enum", "must be one of %s", strings.Join(names, ", "))
		return ""
	}
	return words[i]
}

func (r *reader) currency() string {
	value, ok := r.string(64)
	if ok && (len(value) != 3 || strings.ContainsFunc(value, func(c rune) bool { return c < 'A' || c > 'Z' })) {
		r.refuse("schema/pattern", "must be three capital letters, as in EUR")
	}
	return value
}

func (r *reader) date() Date {
	text, ok := r.string(64)
	if !ok {
		return ""
	}
	date, ok := parseDate(text)
	if !ok {
		r.refuse("schema/format", "must be a calendar day, YYYY-MM-DD")
	}
	return date
}

func (r *reader) dateTime() DateTime {
	text, ok := r.string(64)
	if !ok {
		return ""
	}
	dateTime, ok := parseDateTime(text)
	if !ok {
		r.refuse("schema/format", "must be a time with its offset (RFC 3339), as in 2026-05-04T18:03:27+02:00, with at most 9 digits of a second's fraction")
	}
	return dateTime
}

func (r *reader) quantity() Quantity {
	text, ok := r.string(64)
	if !ok {
		return 0
	}
	value, ok := parseDecimal(text, 3, true)
	if !ok {
		r.refuse("schema/pattern", "must be a decimal with up to 12 digits before and 3 after the point, as in \"0.742\"")
	}
	return Quantity(value)
}

func (r *reader) unitPrice() Optional[UnitPrice] {
	text, ok := r.string(64)
	if !ok {
		return Optional[UnitPrice]{}
	}
	value, ok := parseDecimal(text, 5, false)
	if !ok {
		r.refuse("schema/pattern", "must be a decimal without sign, with up to 12 digits before and 5 after the point, as in \"1.99\"")
	}
	return Some(UnitPrice(value))
}

// gtin reads a GTIN and brings it to 14 digits.
func (r *reader) gtin() string {
	text, ok := r.string(64)
	if !ok {
		return ""
	}
	gtin, ok := gs1.Normalise(text)
	if !ok {
		r.refuse("schema/pattern", "must be a GTIN of 8, 12, 13 or 14 digits; a number of the shop's own belongs in itemId alone")
	}
	return gtin
}
