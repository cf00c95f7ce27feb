package registration

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/domain/currency"
	"github.com/tillproof/tillproof/domain/gs1"
)

// Limits of texts, in characters. Ids are those of the ticket schema.
const (
	maxID   = 64
	maxName = 256
)

// checker gathers what is wrong with the fields of a row.
type checker struct{ fields []problem.Field }

func (c *checker) refuse(pointer, rule, detail string, args ...any) {
	c.fields = append(c.fields, problem.Field{Pointer: pointer, Rule: rule, Detail: fmt.Sprintf(detail, args...)})
}

func (c *checker) problem() *problem.Problem {
	if len(c.fields) == 0 {
		return nil
	}
	return problem.Invalid(c.fields...)
}

func (c *checker) id(pointer, id string) {
	switch {
	case id == "":
		c.refuse(pointer, "required", "is missing or empty")
	case utf8.RuneCountInString(id) > maxID:
		c.refuse(pointer, "max-length", "has more than %d characters", maxID)
	case !isPrintable(id):
		c.refuse(pointer, "pattern", "holds a control or invisible character")
	}
}

func (c *checker) optionalID(pointer, id string) {
	if id != "" {
		c.id(pointer, id)
	}
}

func (c *checker) name(pointer, name string) {
	if name == "" {
		c.refuse(pointer, "required", "is missing or empty")
	}
	c.optionalName(pointer, name)
}

func (c *checker) optionalName(pointer, name string) {
	switch {
	case utf8.RuneCountInString(name) > maxName:
		c.refuse(pointer, "max-length", "has more than %d characters", maxName)
	case !isPrintable(name):
		c.refuse(pointer, "pattern", "holds a control or invisible character")
	}
}

func (c *checker) timeZone(pointer, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		c.refuse(pointer, "time-zone", "is not a time zone of the IANA database, such as Europe/Vienna")
	}
}

func (c *checker) optionalCurrency(pointer, code string) {
	if _, known := currency.MinorDigits(code); code != "" && !known {
		c.refuse(pointer, "currency", "is not an ISO 4217 code of a currency in use")
	}
}

func (c *checker) prefix(pointer, prefix string) {
	if !gs1.ValidPrefix(prefix) {
		c.refuse(pointer, "gs1-prefix",
			"is not a GS1 company prefix: %d to %d digits, none of the in-store ranges 02, 04 and 20 to 29",
			gs1.MinPrefixDigits, gs1.MaxPrefixDigits)
	}
}

// optionalGTIN gives the GTIN in its 14-digit form.
func (c *checker) optionalGTIN(pointer, gtin string) string {
	if gtin == "" {
		return ""
	}
	normal, ok := gs1.Normalise(gtin)
	switch {
	case !ok:
		c.refuse(pointer, "gtin", "is not 8, 12, 13 or 14 digits")
	case !gs1.ValidCheckDigit(gtin):
		c.refuse(pointer, "gtin-check-digit", "has the last digit %s, by the others it is %c", gtin[len(gtin)-1:],
			gs1.CheckDigit(gtin[:len(gtin)-1]))
	}
	return normal
}

func (c *checker) optionalDate(pointer, date string) {
	if _, err := time.Parse(time.DateOnly, date); date != "" && (err != nil || date < "0001") {
		c.refuse(pointer, "date", "is not a date YYYY-MM-DD")
	}
}

// isPrintable refuses the Unicode category C (controls, formats, private use, unassigned), as the ticket schema does.
func isPrintable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if unicode.Is(unicode.C, r) {
			return false
		}
	}
	return true
}
