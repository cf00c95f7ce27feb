package ticket_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// sale is a good ticket with every field that a Sale can have.
const sale = `{
	"schemaVersion": "1",
	"transactionId": "9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77",
	"transactionType": "Sale",
	"storeId": "Store 12/B",
	"workstationId": "3",
	"sequenceNumber": 4711,
	"businessDayDate": "2026-05-04",
	"beginDateTime": "2026-05-04T18:02:55.5+02:00",
	"endDateTime": "2026-05-04T18:03:27+02:00",
	"operatorId": "op 7",
	"currencyCode": "EUR",
	"loyaltyId": "member-1",
	"lineItems": [
		{"sequenceNumber": 1, "itemId": "4711", "gtin": "4006381333931", "description": "Pen \"fine\" é", "lot": "L1",
		 "serialNumber": "S1", "quantity": "2", "unitOfMeasure": "C62", "unitPrice": "1.99", "extendedAmount": 378,
		 "discounts": [{"promotionId": "two-for", "reasonCode": "promo", "amount": 20}],
		 "tax": {"categoryCode": "S", "rateBasisPoints": 2000, "taxableAmount": 315, "amount": 63}},
		{"sequenceNumber": 2, "itemId": "cheese", "quantity": "0.742", "unitOfMeasure": "KGM", "unitPrice": "12.5", "extendedAmount": 928},
		{"sequenceNumber": 3, "itemId": "bottle", "quantity": "-1", "extendedAmount": -25,
		 "returnOf": {"transactionId": "11111111-2222-4333-8444-555555555555", "sequenceNumber": 2}}
	],
	"taxes": [
		{"categoryCode": "S", "rateBasisPoints": 2000, "taxableAmount": 1068, "amount": 213, "included": true},
		{"categoryCode": "ECO", "rateBasisPoints": 0, "taxableAmount": 0, "amount": 17, "included": false}
	],
	"totals": {"grand": 1300, "discount": 20, "tax": 213, "rounding": 2},
	"tenders": [{"tenderType": "Cash", "amount": 1500}, {"tenderType": "Cash", "amount": -200, "reference": "change"}]
}`

// control is a good ticket without a sale.
const control = `{"schemaVersion":"1","transactionId":"9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77","transactionType":"Control",
	"storeId":"12","workstationId":"3","sequenceNumber":1,"businessDayDate":"2026-05-04","endDateTime":"2026-05-04T06:00:00Z",
	"currencyCode":"EUR","lineItems":[],"totals":{"grand":0},"controlType":"Open"}`

// arrival is when the tests' tickets come in.
var arrival = time.Date(2026, 5, 4, 16, 5, 0, 0, time.UTC)

// edit changes one member of a ticket's JSON, named by a path of names and
// indices such as "lineItems/0/gtin". A value of nil removes it.
func edit(t testing.TB, text, path string, value any) string {
	t.Helper()
	var root any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil {
		t.Fatal(err)
	}
	names := strings.Split(path, "/")
	at := root
	for _, name := range names[:len(names)-1] {
		at = child(at, name)
	}
	last := names[len(names)-1]
	switch at := at.(type) {
	case map[string]any:
		at[last] = value
		if value == nil {
			delete(at, last)
		}
	case []any:
		at[last[0]-'0'] = value
	}
	edited, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return string(edited)
}

func child(node any, name string) any {
	if list, ok := node.([]any); ok {
		return list[name[0]-'0']
	}
	return node.(map[string]any)[name]
}

// raw is a value to be written into JSON as it stands.
func raw(text string) json.RawMessage { return json.RawMessage(text) }

func decode(t testing.TB, text string) *ticket.Ticket {
	t.Helper()
	decoded, err := ticket.Decode([]byte(text))
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return decoded
}

// problems returns what Decode or Check finds wrong with the ticket.
func problems(t testing.TB, text string) []ticket.Problem {
	t.Helper()
	decoded, err := ticket.Decode([]byte(text))
	var invalid *ticket.Invalid
	switch {
	case errors.As(err, &invalid):
		return invalid.Problems
	case err != nil:
		t.Fatalf("decode: %v", err)
	}
	return decoded.Check(arrival)
}

// wantProblem fails unless exactly this one problem is found; an empty rule
// wants none.
func wantProblem(t *testing.T, text, pointer, rule string) {
	t.Helper()
	found := problems(t, text)
	switch {
	case rule == "" && len(found) == 0:
	case rule == "":
		t.Errorf("refused: %+v", found)
	case len(found) != 1 || found[0].Pointer != pointer || found[0].Rule != rule:
		t.Errorf("got %+v, want %s at %s", found, rule, pointer)
	}
}
