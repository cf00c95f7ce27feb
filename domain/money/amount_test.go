package money_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tillproof/tillproof/domain/money"
)

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]money.Amount{
		"5.00 EUR": {Minor: 500, Currency: "EUR"}, "5 EUR": {Minor: 500, Currency: "EUR"}, "0.5 EUR": {Minor: 50, Currency: "EUR"},
		"0.01 EUR": {Minor: 1, Currency: "EUR"}, "500 JPY": {Minor: 500, Currency: "JPY"}, "1.234 KWD": {Minor: 1234, Currency: "KWD"},
		"0 EUR": {Currency: "EUR"}, "92233720368547758.07 EUR": {Minor: 1<<63 - 1, Currency: "EUR"},
	} {
		got, err := money.ParseAmount(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
		if again, err := money.ParseAmount(got.String()); err != nil || again != want {
			t.Errorf("%q is written %q, which reads %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{
		"", "5", "EUR", "5EUR", "5 eur", "5 ETH", "5  EUR", "5 EUR ", "-5 EUR", "+5 EUR", ".5 EUR", "5. EUR", "5,00 EUR",
		"5.001 EUR", "5.0 JPY", "1e3 EUR", "0x5 EUR", "92233720368547758.08 EUR", "99999999999999999999 EUR",
	} {
		if got, err := money.ParseAmount(text); !errors.Is(err, money.ErrAmount) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func ExampleAmount() {
	budget, err := money.ParseAmount("5 EUR")
	fmt.Println(budget, budget.Minor, err)
	// Output: 5.00 EUR 500 <nil>
}
