package money_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/tillproof/tillproof/domain/money"
	"github.com/tillproof/tillproof/domain/points"
)

func rate(t testing.TB, base, quote, text string) money.Rate {
	t.Helper()
	billionths, err := money.ParseBillionths(text)
	if err != nil {
		t.Fatal(err)
	}
	return money.Rate{Pair: money.Pair{Base: base, Quote: quote}, Billionths: billionths}
}

func ExampleRate_Wei() {
	ether := money.Rate{Pair: money.Pair{Base: "ETH", Quote: "EUR"}, Billionths: 2_500_000_000_000} // 2,500 EUR
	wei, err := ether.Wei(1299)                                                                     // 12.99 EUR
	fmt.Println(wei, err)
	// Output: 5196000000000000 <nil>
}

func TestParseBillionths(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1e9, "1.0823": 1_082_300_000, "0.000000001": 1, "0.0000000005": 1, "2.1e-05": 21_000, "2.5E3": 2_500_000_000_000,
		"161.06": 161_060_000_000, "00.5": 500_000_000, "1000000000": money.MaxRate, "40000000.5": 40_000_000_500_000_000,
		"0": 0, "0.0000000004": 0, "-1": 0, "+1": 0, "": 0, ".5": 0, "5.": 0, "1,5": 0, "NaN": 0, "Infinity": 0, "1e": 0,
		"1e99": 0, "1e-99": 0, "1000000000.000000001": 0, "0x1": 0, "1_000": 0, "1.2.3": 0,
		"1.00000000000000000000000000000000000000000000000000000000000000000": 0, // longer than a rate is
	} {
		got, err := money.ParseBillionths(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for billionths, want := range map[int64]string{
		1: "0.000000001", 1e9: "1", 1_082_300_000: "1.0823", 2_500_000_000_000: "2500", 2_507_410_000_000: "2507.41", money.MaxRate: "1000000000",
	} {
		got := money.Rate{Billionths: billionths}.Decimal()
		if again, err := money.ParseBillionths(got); got != want || again != billionths {
			t.Errorf("%d billionths: %s, which reads %d, %v; want %s", billionths, got, again, err, want)
		}
	}
}

func TestCross(t *testing.T) {
	for _, test := range []struct {
		pair            money.Pair
		inBase, inQuote int64
		want            int64 // 0: refused
	}{
		{money.Pair{Base: "EUR", Quote: "USD"}, money.Billionths, 1_082_300_000, 1_082_300_000},
		{money.Pair{Base: "USD", Quote: "EUR"}, 1_082_300_000, money.Billionths, 923_958_237}, // 0.92395823708…
		{money.Pair{Base: "USD", Quote: "JPY"}, 1_082_300_000, 161_060_000_000, 148_812_713_665},
		{money.Pair{Base: "JPY", Quote: "USD"}, 161_060_000_000, 1_082_300_000, 6_719_856},
		{money.Pair{Base: "EUR", Quote: "USD"}, 0, 1, 0},
		{money.Pair{Base: "EUR", Quote: "USD"}, 1, money.MaxRate, 0},
		{money.Pair{Base: "EUR", Quote: "USD"}, money.MaxRate, 1, 0}, // rounds to nothing
		{money.Pair{Base: "EUR", Quote: "EUR"}, 1, 1, 0},
		{money.Pair{Base: "EUR", Quote: "eur"}, 1, 1, 0},
		{money.Pair{Base: "XXX", Quote: "EUR"}, 1, 1, 0},
	} {
		got, err := money.Cross(test.pair, test.inBase, test.inQuote)
		if (err == nil) != (test.want > 0) || err == nil && got.Billionths != test.want {
			t.Errorf("%s from %d and %d: %d, %v, want %d", test.pair, test.inBase, test.inQuote, got.Billionths, err, test.want)
		}
	}
}

// The digits of the minor units count, and the result is what points expects.
func TestConversion(t *testing.T) {
	for _, test := range []struct {
		base, quote, rate string
		amount, want      int64
	}{
		{"USD", "EUR", "0.925", 1000, 925},       // 10.00 USD are 9.25 EUR
		{"JPY", "EUR", "0.0062", 1000, 620},      // 1000 JPY are 6.20 EUR
		{"EUR", "JPY", "161.06", 1000, 1610},     // 10.00 EUR are 1610.6 JPY, floored by points
		{"KWD", "USD", "3.25", 1000, 325},        // 1.000 KWD is 3.25 USD
		{"USD", "KWD", "0.307692308", 325, 1000}, // and back
		{"USD", "EUR", "0.925", -1000, -925},
	} {
		conversion, err := rate(t, test.base, test.quote, test.rate).Conversion()
		if got := points.Converted(test.amount, conversion); err != nil || got != test.want {
			t.Errorf("%d %s: %d %s, %v, want %d", test.amount, test.base, got, test.quote, err, test.want)
		}
	}
	for _, bad := range []money.Rate{
		rate(t, "ETH", "EUR", "2500"), {Pair: money.Pair{Base: "EUR", Quote: "USD"}}, rate(t, "KWD", "JPY", "0.0000000004e1"),
	} {
		if got, err := bad.Conversion(); err == nil {
			t.Errorf("%s: %d", bad.Pair, got)
		}
	}
}

func TestWei(t *testing.T) {
	for _, test := range []struct {
		quote, rate string
		amount      int64
		want        string
	}{
		{"EUR", "2500", 1299, "5196000000000000"},
		{"EUR", "2500", -1299, "-5196000000000000"},
		{"EUR", "2500", 0, "0"},
		{"JPY", "400000", 1, "2500000000000"},
		{"EUR", "3", 1, "3333333333333333"},   // …333.3
		{"EUR", "6", 10, "16666666666666667"}, // …666.6
		{"EUR", "6", -10, "-16666666666666667"},
		{"EUR", "1000000000", 1<<53 - 1, "90071992547409910000000"},
	} {
		got, err := rate(t, "ETH", test.quote, test.rate).Wei(test.amount)
		if err != nil || got.String() != test.want {
			t.Errorf("%d %s at %s: %v, %v, want %s", test.amount, test.quote, test.rate, got, err, test.want)
		}
	}
	for _, bad := range []money.Rate{rate(t, "EUR", "ETH", "0.0004"), rate(t, "EUR", "USD", "1"), {Pair: money.Pair{Base: "ETH", Quote: "EUR"}}} {
		if got, err := bad.Wei(1); err == nil {
			t.Errorf("%s: %s", bad.Pair, got)
		}
	}
}

// Against rational numbers: never off by more than half a wei, and odd.
func TestWeiIsNearest(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		r := money.Rate{Pair: money.Pair{Base: "ETH", Quote: "EUR"}, Billionths: 1 + dice.Int64N(money.MaxRate>>dice.IntN(50))}
		amount := dice.Int64N(1 << 53)
		got, err := r.Wei(amount)
		back, backErr := r.Wei(-amount)
		if err != nil || backErr != nil || new(big.Int).Neg(back).Cmp(got) != 0 {
			t.Fatalf("%d at %d: %v, %v", amount, r.Billionths, got, back)
		}
		exact := big.NewRat(amount, 100)
		exact.Quo(exact, big.NewRat(r.Billionths, money.Billionths))
		exact.Mul(exact, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)))
		off := new(big.Rat).Sub(exact, new(big.Rat).SetInt(got))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%d at %d: %s is off by %s", amount, r.Billionths, got, off.FloatString(3))
		}
	}
}

func FuzzParseBillionths(f *testing.F) {
	f.Add("1.0823")
	f.Add("2.1e-05")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := money.ParseBillionths(text); err == nil && (got <= 0 || got > money.MaxRate) {
			t.Errorf("%q: %d", text, got)
		}
	})
}
