package ticket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

// tenLines is a ticket as a supermarket's till sends it.
func tenLines() []byte {
	var lines []string
	for i := range 10 {
		lines = append(lines, fmt.Sprintf(`{"sequenceNumber":%d,"itemId":"item-%d","gtin":"4006381333931","description":"Peppers, chilies 4 OZ",`+
			`"quantity":"2","unitPrice":"1.99","extendedAmount":398,"discounts":[{"reasonCode":"promo","amount":20}]}`, i+1, i))
	}
	return []byte(`{"schemaVersion":"1","transactionId":"9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77","transactionType":"Sale","storeId":"319",
		"workstationId":"1","sequenceNumber":1,"businessDayDate":"2026-05-04","endDateTime":"2026-05-04T18:03:27+02:00","currencyCode":"EUR",
		"loyaltyId":"906","lineItems":[` + strings.Join(lines, ",") + `],"totals":{"grand":3980},"tenders":[{"tenderType":"Card","amount":3980}]}`)
}

// BenchmarkArrival is what each ticket costs: decode, check, canonical bytes.
func BenchmarkArrival(b *testing.B) {
	text := tenLines()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		decoded, err := ticket.Decode(text)
		if err != nil {
			b.Fatal(err)
		}
		if found := decoded.Check(arrival); len(found) > 0 {
			b.Fatal(found)
		}
		out = decoded.AppendCanonical(out[:0])
	}
}

func BenchmarkDecode(b *testing.B) {
	text := tenLines()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ticket.Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}
