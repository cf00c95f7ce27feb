package gs1_test

import (
	"fmt"
	"testing"

	"github.com/tillproof/tillproof/domain/gs1"
)

func TestNormalise(t *testing.T) {
	for gtin, want := range map[string]string{ // empty: refused
		"96385074":        "00000096385074",
		"036000291452":    "00036000291452",
		"4006381333931":   "04006381333931",
		"10036000291459":  "10036000291459",
		"":                "",
		"1234567":         "",
		"123456789":       "",
		"12345678901":     "",
		"123456789012345": "",
		"9638507x":        "",
		" 9638507":        "",
		"-9638507":        "",
		"９":               "", // a digit, three bytes long
		"１２３4":            "",
	} {
		got, ok := gs1.Normalise(gtin)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", gtin, got, ok, want)
		}
	}
}

// TestCheckDigit: the same number in any length has the same check digit.
func TestCheckDigit(t *testing.T) {
	for _, gtin := range []string{"96385074", "036000291452", "4006381333931", "10036000291459", "00000000"} {
		gtin14, _ := gs1.Normalise(gtin)
		if !gs1.ValidCheckDigit(gtin) || !gs1.ValidCheckDigit(gtin14) {
			t.Errorf("%s: refused", gtin)
		}
		body, last := gtin14[:13], gtin14[13]
		for digit := byte('0'); digit <= '9'; digit++ {
			if got := gs1.ValidCheckDigit(body + string(digit)); got != (digit == last) {
				t.Errorf("%s%c: got %v", body, digit, got)
			}
		}
	}
	for _, text := range []string{"", "0", "x", "400638133393x"} {
		if gs1.ValidCheckDigit(text) {
			t.Errorf("%q: accepted", text)
		}
	}
}

func TestIsInStore(t *testing.T) {
	for gtin14, want := range map[string]bool{
		"02000000000000": true,  // GTIN-13 20…
		"02999999999999": true,  // 29…
		"03000000000000": false, // 30…
		"01999999999999": false, // 19…
		"00200000000000": true,  // 02…, the U.P.C. 2…
		"00299999999999": true,
		"00300000000000": false, // 03…, U.S. drugs
		"00400000000000": true,  // 04…, the U.P.C. 4…
		"00499999999999": true,
		"00500000000000": false,
		"00100000000000": false, // 01…
		"92000000000000": true,  // behind an indicator
		"10400000000000": true,
		"20612345678900": false, // the indicator itself is none of it
		"00000020000000": true,  // GTIN-8 2…
		"00000029999999": true,
		"00000000000000": true, // GTIN-8 0…
		"00000009999999": true,
		"00000010000000": false,
		"00000096385074": false,
		"10000020000000": true,  // a case of a shop's own GTIN-8
		"00000100000000": false, // GTIN-13 00001…, a company's
		"4006381333931":  false, // not 14 digits
		"":               false,
	} {
		if got := gs1.IsInStore(gtin14); got != want {
			t.Errorf("%s: got %v", gtin14, got)
		}
	}
}

func TestValidPrefix(t *testing.T) {
	for prefix, want := range map[string]bool{
		"4006":          true,
		"400638133393":  true,
		"00360002":      true,
		"00001234":      true,
		"400":           false, // too short
		"4006381333931": false, // too long
		"":              false,
		"40 06":         false,
		"400638x":       false,
		"2006381":       false, // shops' own
		"0212345":       false,
		"0412345":       false,
		"0000":          false, // would hold GTIN-8 numbers
		"00000":         false,
		"000001":        false,
		"0512345":       true,
	} {
		if got := gs1.ValidPrefix(prefix); got != want {
			t.Errorf("%q: got %v", prefix, got)
		}
	}
}

func TestMatchesPrefix(t *testing.T) {
	for _, c := range []struct {
		gtin14, prefix string
		want           bool
	}{
		{"04006381333931", "4006381", true},
		{"04006381333931", "4006", true},
		{"04006381333931", "400638133393", true},
		{"04006381333931", "4006382", false},
		{"14006381333938", "4006381", true}, // a case of them
		{"00036000291452", "0036000", true}, // a U.P.C. with its zero
		{"00036000291452", "036000", false}, // and without
		{"00000096385074", "0000009", false},
		{"02006381333939", "2006381", false},
		{"4006381333931", "4006381", false}, // not brought to 14 digits
		{"04006381333931", "", false},
	} {
		if got := gs1.MatchesPrefix(c.gtin14, c.prefix); got != c.want {
			t.Errorf("%s, %q: got %v", c.gtin14, c.prefix, got)
		}
	}
}

func ExampleMatchesPrefix() {
	gtin14, _ := gs1.Normalise("4006381333931")
	fmt.Println(gtin14, gs1.MatchesPrefix(gtin14, "4006381"), gs1.IsInStore(gtin14))
	// Output: 04006381333931 true false
}
