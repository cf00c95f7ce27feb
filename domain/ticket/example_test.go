package ticket_test

import (
	"errors"
	"fmt"

	"github.com/tillproof/tillproof/domain/ticket"
)

func ExampleDecode() {
	decoded, err := ticket.Decode([]byte(`{
		"schemaVersion": "1", "transactionId": "9B2C6C1E-6A54-4D0C-9F43-0C3F2F1D8A77", "transactionType": "Sale",
		"storeId": "12", "workstationId": "3", "sequenceNumber": 1,
		"businessDayDate": "2026-05-04", "endDateTime": "2026-05-04T16:03:27+00:00", "currencyCode": "EUR",
		"lineItems": [{"sequenceNumber": 1, "itemId": "cheese", "quantity": "0.740", "extendedAmount": 925}],
		"totals": {"grand": 952}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, problem := range decoded.Check(arrival) {
		fmt.Println(problem.Pointer, problem.Rule, problem.Detail)
	}
	fmt.Println(string(decoded.Canonical()[:60]))
	// Output:
	// /totals/grand total-mismatch lines, taxes not included and rounding add up to 925, totals.grand is 952
	// {"businessDayDate":"2026-05-04","currencyCode":"EUR","endDat
}

func ExampleInvalid() {
	_, err := ticket.Decode([]byte(`{"schemaVersion": "1", "storeID": "12", "totals": {"grand": 12.99}}`))
	var invalid *ticket.Invalid
	if errors.As(err, &invalid) {
		for _, problem := range invalid.Problems[:2] {
			fmt.Printf("%s %s: %s\n", problem.Pointer, problem.Rule, problem.Detail)
		}
	}
	// Output:
	// /storeID unknown-field: there is no field "storeID"; did you mean "storeId"?
	// /totals/grand integer-form: must be a whole number without point or exponent (money counts minor units: 12.99 EUR is 1299) and is 12.99
}
