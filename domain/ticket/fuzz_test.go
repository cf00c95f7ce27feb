package ticket_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

// FuzzDecode: no text makes the decoder panic or answer with another kind of
// error, and what it takes has stable canonical bytes and can be checked.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(sale))
	f.Add([]byte(control))
	for _, text := range hostile {
		if len(text) < 10_000 {
			f.Add([]byte(text))
		}
	}
	inputs, _ := filepath.Glob("testdata/*.json")
	for _, input := range inputs {
		text, err := os.ReadFile(input)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decoded, err := ticket.Decode(data)
		var syntax *ticket.SyntaxError
		var invalid *ticket.Invalid
		switch {
		case err == nil:
			decoded.Check(arrival)
			assertCanonical(t, decoded)
		case errors.As(err, &syntax):
		case errors.As(err, &invalid):
			if n := len(invalid.Problems); n == 0 || n > ticket.MaxProblems {
				t.Errorf("%d problems", n)
			}
		default:
			t.Errorf("neither *SyntaxError nor *Invalid: %v", err)
		}
	})
}

// FuzzDecodeText puts any text where text may stand, which mutating whole
// tickets seldom does well.
func FuzzDecodeText(f *testing.F) {
	for _, text := range []string{"", "a", "é", "\u2028", "\x7f", "😀", "4111 1111 1111 1111", "0.5", "2026-05-04T18:03:27+02:00", "96385074"} {
		f.Add(text)
	}
	paths := []string{
		"storeId", "transactionId", "businessDayDate", "beginDateTime", "endDateTime", "currencyCode", "lineItems/0/description",
		"lineItems/0/gtin", "lineItems/0/quantity", "lineItems/0/unitPrice", "lineItems/0/lot", "taxes/0/categoryCode", "tenders/1/reference",
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, path := range paths {
			decoded, err := ticket.Decode([]byte(edit(t, sale, path, text)))
			if err == nil {
				decoded.Check(arrival)
				assertCanonical(t, decoded)
			}
		}
	})
}
