package currency

import "testing"

func TestMinorDigits(t *testing.T) {
	for code, want := range map[string]int{"EUR": 2, "USD": 2, "MXN": 2, "JPY": 0, "KRW": 0, "KWD": 3, "TND": 3, "BYR": 0, "HRK": 2} {
		if got, ok := MinorDigits(code); !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", code, got, ok, want)
		}
	}
	for _, code := range []string{"", "eur", "EU", "EURO", "DEM", "XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "CLF", "USN", "BOV", "CHE", "MXV", "UYI", "XSU", "XUA"} {
		if _, ok := MinorDigits(code); ok {
			t.Errorf("%q: taken for a currency", code)
		}
	}
}

func TestInUse(t *testing.T) {
	for _, c := range []struct {
		code, day string
		want      bool
	}{
		{"EUR", "2010-12-01", true},
		{"EUR", "2099-12-31", true},
		{"BGN", "2026-01-31", true}, // beside the euro for a month
		{"BGN", "2026-02-01", false},
		{"HRK", "2023-01-14", true},
		{"HRK", "2023-01-15", false},
		{"BYN", "2016-06-30", false},
		{"BYN", "2016-07-01", true},
		{"BYR", "2016-12-31", true},
		{"BYR", "2017-01-01", false},
		{"XXX", "2026-01-01", false},
		{"DEM", "2001-12-31", false}, // withdrawn before 2014
	} {
		if got := InUse(c.code, c.day); got != c.want {
			t.Errorf("%s on %s: got %v", c.code, c.day, got)
		}
	}
}

// TestTableIsSound catches slips of the pen.
func TestTableIsSound(t *testing.T) {
	inUse := 0
	for code, c := range currencies {
		if len(code) != 3 || c.minorDigits < 0 || c.minorDigits > 3 || c.until != "" && c.until <= c.from {
			t.Errorf("%s: %+v", code, c)
		}
		if InUse(code, "2026-03-01") {
			inUse++
		}
	}
	// Counted on list one, without its metals, funds, units of account, XTS and XXX.
	if inUse != 155 {
		t.Errorf("%d currencies in use in March 2026, want 155", inUse)
	}
}
