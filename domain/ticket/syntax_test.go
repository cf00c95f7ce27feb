package ticket_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

// hostile texts are not one JSON value that all readers understand alike.
var hostile = map[string]string{
	"nothing":                   "",
	"white space":               " \n\t",
	"cut short":                 sale[:len(sale)/2],
	"cut in a string":           `{"storeId":"12`,
	"cut in an escape":          `{"storeId":"\u00`,
	"byte order mark":           "\ufeff" + control,
	"garbage behind":            control + "x",
	"second value behind":       control + control,
	"comma behind":              control + ",",
	"duplicate name":            `{"storeId":"12",` + control[1:],
	"duplicate name, escaped":   `{"\u0073toreId":"12",` + control[1:],
	"duplicate in unknown":      `{"x":{"a":1,"a":2},` + control[1:],
	"duplicate deep":            strings.Replace(sale, `"itemId": "cheese"`, `"itemId": "cheese", "itemId": "gold"`, 1),
	"lone high surrogate":       strings.Replace(control, `"12"`, `"\ud800"`, 1),
	"lone low surrogate":        strings.Replace(control, `"12"`, `"\udc00x"`, 1),
	"swapped surrogates":        strings.Replace(control, `"12"`, `"\udc00\ud800"`, 1),
	"encoded surrogate":         strings.Replace(control, `"12"`, "\"\xed\xa0\x80\"", 1),
	"invalid UTF-8":             strings.Replace(control, `"12"`, "\"\xff\"", 1),
	"overlong UTF-8":            strings.Replace(control, `"12"`, "\"\xc0\xaf\"", 1),
	"invalid UTF-8 in name":     "{\"\xff\":1," + control[1:],
	"raw control character":     strings.Replace(control, `"12"`, "\"a\nb\"", 1),
	"raw NUL":                   strings.Replace(control, `"12"`, "\"a\x00b\"", 1),
	"unknown escape":            strings.Replace(control, `"12"`, `"\x41"`, 1),
	"NaN":                       strings.Replace(control, `"grand":0`, `"grand":NaN`, 1),
	"infinity":                  strings.Replace(control, `"grand":0`, `"grand":-Infinity`, 1),
	"leading zero":              strings.Replace(control, `"grand":0`, `"grand":00`, 1),
	"plus sign":                 strings.Replace(control, `"grand":0`, `"grand":+0`, 1),
	"hexadecimal":               strings.Replace(control, `"grand":0`, `"grand":0x0`, 1),
	"lone minus":                strings.Replace(control, `"grand":0`, `"grand":-`, 1),
	"single quotes":             `{'storeId':'12'}`,
	"comment":                   "/* till */" + control,
	"trailing comma":            `{"storeId":"12",}`,
	"trailing comma in a list":  strings.Replace(control, `[]`, `[,]`, 1),
	"no colon":                  `{"storeId" "12"}`,
	"name without value":        `{"storeId"}`,
	"name that is no string":    `{12:"12"}`,
	"name that is a value":      `{{}:1}`,
	"mismatched brackets":       `{"lineItems":[}`,
	"closing alone":             `}`,
	"17 levels":                 `{"x":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `,` + control[1:],
	"many levels, never closed": `{"x":` + strings.Repeat(`[`, 500_000),
	"many objects deep":         strings.Repeat(`{"a":`, 100_000),
	"many levels in a name":     `{` + strings.Repeat(`[`, 500_000),
	"deep in a known field":     `{"storeId":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`,
	"deep in a list of lines":   `{"lineItems":[` + strings.Repeat(`{"tax":`, 100),
}

func TestHostileTextIsASyntaxError(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			_, err := ticket.Decode([]byte(text))
			var syntax *ticket.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, want a *SyntaxError", err)
			}
			if message := err.Error(); len(message) > 300 || strings.Contains(message, "jsontext") {
				t.Errorf("not fit for a client: %s", message)
			}
		})
	}
}

// oddities are proper JSON, and no tickets.
var oddities = map[string]string{
	"null":           `null`,
	"true":           `true`,
	"number":         `1e400`,
	"string":         `"ticket"`,
	"list":           `[` + control + `]`,
	"empty object":   `{}`,
	"16 levels":      `{"x":` + strings.Repeat("[", 15) + strings.Repeat("]", 15) + `,` + control[1:],
	"huge number":    strings.Replace(control, `"grand":0`, `"grand":1`+strings.Repeat("0", 100_000), 1),
	"huge exponent":  strings.Replace(control, `"grand":0`, `"grand":1e999999999`, 1),
	"long name":      `{"` + strings.Repeat("é", 10_000) + `":1,` + control[1:],
	"prototype":      `{"__proto__":{"storeId":"1"},` + control[1:],
	"nulls":          `{"lineItems":[null],"totals":null,"transactionLinks":[null]}`,
	"wrong brackets": `{"lineItems":{},"totals":[],"tenders":{},"taxes":"","transactionLinks":{}}`,
}

func TestOdditiesAreInvalid(t *testing.T) {
	for name, text := range oddities {
		t.Run(name, func(t *testing.T) {
			_, err := ticket.Decode([]byte(text))
			var invalid *ticket.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want an *Invalid", err)
			}
			for _, problem := range invalid.Problems {
				if len(problem.Pointer) > 400 || len(problem.Detail) > 400 || problem.Rule == "" {
					t.Errorf("not fit for a client: %+v", problem)
				}
			}
		})
	}
}

func TestSyntaxErrorSaysWhere(t *testing.T) {
	_, err := ticket.Decode([]byte(hostile["duplicate deep"]))
	var syntax *ticket.SyntaxError
	if !errors.As(err, &syntax) || syntax.Pointer != "/lineItems/1/itemId" || !strings.Contains(err.Error(), "field given twice") {
		t.Errorf("got %v", err)
	}
}
