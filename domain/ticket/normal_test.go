package ticket_test

import (
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// TestNormalisation has each rule of the package comment: what stands in
// "from" must have the canonical bytes of what stands in "to".
func TestNormalisation(t *testing.T) {
	for _, c := range []struct {
		path     string
		from, to any
	}{
		{"transactionId", "9B2C6C1E-6A54-4D0C-9F43-0C3F2F1D8A77", "9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77"},
		{"lineItems/2/returnOf/transactionId", "AAAAAAAA-2222-4333-8444-555555555555", "aaaaaaaa-2222-4333-8444-555555555555"},
		{"sequenceNumber", raw("4711"), 4711},
		{"lineItems/0/gtin", "4006381333931", "04006381333931"},
		{"lineItems/0/gtin", "036000291452", "00036000291452"},
		{"lineItems/0/gtin", "96385074", "00000096385074"},
		{"lineItems/0/quantity", "007.50", "7.5"},
		{"lineItems/0/quantity", "2.000", "2"},
		{"lineItems/0/quantity", "-00.050", "-0.05"},
		{"lineItems/0/quantity", "-0.0", "0"},
		{"lineItems/0/unitPrice", "000000000001.99000", "1.99"},
		{"lineItems/0/unitPrice", "0.00010", "0.0001"},
		{"beginDateTime", "2026-05-04t16:02:55z", "2026-05-04T16:02:55Z"},
		{"beginDateTime", "2026-05-04T16:02:55+00:00", "2026-05-04T16:02:55Z"},
		{"beginDateTime", "2026-05-04T16:02:55-00:00", "2026-05-04T16:02:55Z"},
		{"beginDateTime", "2026-05-04T16:02:55.000Z", "2026-05-04T16:02:55Z"},
		{"beginDateTime", "2026-05-04T16:02:55.120+02:00", "2026-05-04T16:02:55.12+02:00"},
		{"lineItems/0/tax/included", true, nil},
		{"lineItems/0/discounts", raw("[]"), nil},
		{"taxes", raw("[]"), nil},
		{"tenders", raw("[]"), nil},
		{"lineItems/0/description", "", nil},
		{"lineItems/0/lot", "", nil},
		{"lineItems/0/serialNumber", "", nil},
		{"lineItems/0/unitOfMeasure", "", nil},
		{"tenders/1/reference", "", nil},
		{"totals/discount", raw("-0"), 0},
		{"lineItems/0/description", raw(`"\u0041\u00e9\/\ud83d\ude00"`), "Aé/😀"},
	} {
		from, to := decode(t, edit(t, sale, c.path, c.from)), decode(t, edit(t, sale, c.path, c.to))
		if got, want := string(from.Canonical()), string(to.Canonical()); got != want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.path, c.from, got, want)
		}
	}
}

// TestOtherContentStaysOther: what normalising must not level.
func TestOtherContentStaysOther(t *testing.T) {
	for _, c := range []struct {
		path   string
		value  any
		before any
	}{
		{"totals/discount", 0, nil},
		{"totals/tax", 0, nil},
		{"totals/rounding", 0, nil},
		{"lineItems/0/unitPrice", "0", nil},
		{"lineItems/0/tax/included", false, nil},
		{"endDateTime", "2026-05-04T16:03:27Z", "2026-05-04T18:03:27+02:00"}, // the same moment, told otherwise
		{"storeId", "12", " 12"},
		{"storeId", "e\u0301", "\u00e9"}, // not recomposed
		{"storeId", "A", "a"},
		{"lineItems/2/returnOf/sequenceNumber", 1, nil},
		{"lineItems/0/extendedAmount", 378, -378},
		{"lineItems/0/tax/categoryCode", "", "S"},
	} {
		one, other := decode(t, edit(t, sale, c.path, c.value)), decode(t, edit(t, sale, c.path, c.before))
		if string(one.Canonical()) == string(other.Canonical()) {
			t.Errorf("%s: %v and %v have the same canonical bytes", c.path, c.value, c.before)
		}
	}
}

func TestDateTimes(t *testing.T) {
	for text, want := range map[string]string{ // canonical; empty: refused
		"2026-05-04T18:03:27+02:00":            "2026-05-04T18:03:27+02:00",
		"2026-05-04T18:03:27.123456789-03:30":  "2026-05-04T18:03:27.123456789-03:30",
		"2026-05-04T18:03:27.1234567890-03:30": "",
		"2024-02-29T00:00:00Z":                 "2024-02-29T00:00:00Z",
		"2023-02-29T00:00:00Z":                 "",
		"2026-05-04T23:59:59+23:59":            "2026-05-04T23:59:59+23:59",
		"2026-05-04T23:59:59+24:00":            "",
		"2026-05-04T23:59:59+02:60":            "",
		"2026-05-04T24:00:00Z":                 "",
		"2026-05-04T23:60:00Z":                 "",
		"2016-12-31T23:59:60Z":                 "",
		"0000-12-31T23:59:59Z":                 "",
		"2026-05-04 18:03:27Z":                 "",
		"2026-05-04T18:03Z":                    "",
		"2026-05-04T18:03:27.Z":                "",
		"2026-05-04T18:03:27,5Z":               "",
		"2026-05-04T18:03:27+0200":             "",
		"2026-05-04T18:03:27+02":               "",
		"2026-05-04T18:03:27+02:00 ":           "",
		"2026-05-04T18:03:27ZZ":                "",
		"+026-05-04T18:03:27Z":                 "",
		"2026-05-04T18:03:27.-1Z":              "",
		"２026-05-04T18:03:27Z":                 "",
	} {
		edited := edit(t, sale, "beginDateTime", text)
		decoded, err := ticket.Decode([]byte(edited))
		switch {
		case want == "" && err == nil:
			t.Errorf("%s: accepted as %s", text, decoded.BeginDateTime)
		case want != "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && string(decoded.BeginDateTime) != want:
			t.Errorf("%s: got %s, want %s", text, decoded.BeginDateTime, want)
		}
	}
}

func TestDatesAsTimes(t *testing.T) {
	if got := ticket.Date("2026-05-04").Time(); !got.Equal(time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("date: got %v", got)
	}
	if got := ticket.Date("2026-05-04").Month(); got != "2026-05" {
		t.Errorf("month: got %v", got)
	}
	moment := ticket.DateTime("2026-05-04T23:30:00.5-05:00")
	if got := moment.Time(); !got.Equal(time.Date(2026, 5, 5, 4, 30, 0, 500_000_000, time.UTC)) {
		t.Errorf("time: got %v", got)
	}
	if got := moment.Day(); got != "2026-05-04" {
		t.Errorf("day: got %v", got)
	}
	if !ticket.DateTime("").Time().IsZero() || !ticket.Date("").Time().IsZero() || ticket.Date("").Month() != "" || ticket.DateTime("").Day() != "" {
		t.Error("absent dates are not zero")
	}
}

func TestDecimalText(t *testing.T) {
	for thousandths, want := range map[ticket.Quantity]string{
		0: "0", 1: "0.001", -1: "-0.001", 10: "0.01", 999: "0.999", 1000: "1", -1000: "-1", 1500: "1.5", -742: "-0.742",
		999_999_999_999_999: "999999999999.999", -999_999_999_999_999: "-999999999999.999",
	} {
		if got := thousandths.String(); got != want {
			t.Errorf("%d thousandths: got %s, want %s", int64(thousandths), got, want)
		}
	}
	if got := ticket.UnitPrice(199_000).String(); got != "1.99" {
		t.Errorf("unit price: got %s", got)
	}
}
