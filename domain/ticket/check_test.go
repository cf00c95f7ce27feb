package ticket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

func TestChecks(t *testing.T) {
	returned := edit(t, edit(t, sale, "transactionType", "Return"), "lineItems", raw(`[
		{"sequenceNumber":1,"itemId":"a","quantity":"-1","extendedAmount":-100},
		{"sequenceNumber":2,"itemId":"b","quantity":"-0.5","extendedAmount":0}]`))
	returned = edit(t, edit(t, edit(t, returned, "taxes", nil), "tenders", nil), "totals", raw(`{"grand":-100}`))

	for _, c := range []struct {
		name, text, path string
		value            any
		pointer, rule    string
	}{
		{"as it is", sale, "operatorId", nil, "", ""},

		{"grand total off by one", sale, "totals/grand", 1301, "*", "total-mismatch tender-mismatch"},
		{"rounding is added", sale, "totals/rounding", 3, "/totals/grand", "total-mismatch"},
		{"rounding absent", sale, "totals/rounding", nil, "/totals/grand", "total-mismatch"},
		{"tax not included is added", sale, "taxes/1/amount", 18, "/totals/grand", "total-mismatch"},
		{"tax included is not added", sale, "taxes/0/amount", 214, "", ""},
		{"included is the default", sale, "taxes/1/included", nil, "/totals/grand", "total-mismatch"},
		{"discount informs", sale, "totals/discount", 99, "", ""},
		{"tax total informs", sale, "totals/tax", 99, "", ""},
		{"a line's own tax is not added", sale, "lineItems/0/tax/included", false, "", ""},
		{"tenders off by one", sale, "tenders/0/amount", 1499, "/tenders", "tender-mismatch"},
		{"empty tenders are none given", sale, "tenders", raw("[]"), "", ""},
		{"no tenders", sale, "tenders", nil, "", ""},

		{"line number twice", sale, "lineItems/2/sequenceNumber", 1, "/lineItems/2/sequenceNumber", "line-number-repeated"},
		{"line number twice in a row", sale, "lineItems/1/sequenceNumber", 1, "/lineItems/1/sequenceNumber", "line-number-repeated"},
		{"line numbers in any order", sale, "lineItems/2/sequenceNumber", raw("9007199254740991"), "", ""},
		{"line numbers descend", sale, "lineItems/0/sequenceNumber", 7, "", ""},
		{"quantity zero", sale, "lineItems/1/quantity", "0.000", "/lineItems/1/quantity", "quantity-zero"},
		{"quantity minus zero", sale, "lineItems/1/quantity", "-0", "/lineItems/1/quantity", "quantity-zero"},
		{"amount against quantity", sale, "lineItems/1/quantity", "-0.742", "/lineItems/1/extendedAmount", "amount-sign"},
		{"amount against returned quantity", sale, "lineItems/2/quantity", "1", "/lineItems/2/extendedAmount", "amount-sign"},
		{"return", returned, "operatorId", nil, "", ""},
		{"return with a sold line", returned, "lineItems/1/quantity", "0.5", "/lineItems/1/quantity", "return-line-positive"},

		{"gtin check digit", sale, "lineItems/0/gtin", "4006381333932", "/lineItems/0/gtin", "gtin-check-digit"},
		{"gtin-8", sale, "lineItems/0/gtin", "96385074", "", ""},
		{"gtin-12", sale, "lineItems/0/gtin", "036000291452", "", ""},
		{"gtin-14", sale, "lineItems/0/gtin", "10036000291459", "", ""},

		{"no currency", sale, "currencyCode", "XXX", "/currencyCode", "currency-unknown"},
		{"gold", sale, "currencyCode", "XAU", "/currencyCode", "currency-unknown"},
		{"made-up currency", sale, "currencyCode", "EUX", "/currencyCode", "currency-unknown"},
		{"withdrawn currency", sale, "currencyCode", "HRK", "/currencyCode", "currency-not-in-use"},

		{"ends 24 h ahead", sale, "endDateTime", "2026-05-05T16:05:00Z", "", ""},
		{"ends a moment later", sale, "endDateTime", "2026-05-05T16:05:00.000000001Z", "/endDateTime", "end-in-future"},
		{"ends when it begins", sale, "endDateTime", "2026-05-04T16:02:55.5Z", "", ""},
		{"ends before it begins", sale, "endDateTime", "2026-05-04T18:02:55+02:00", "/endDateTime", "end-before-begin"},
		{"later by the clock, earlier in time", sale, "endDateTime", "2026-05-04T18:30:00+03:00", "/endDateTime", "end-before-begin"},
		{"business day two days before", sale, "businessDayDate", "2026-05-02", "", ""},
		{"business day three days before", sale, "businessDayDate", "2026-05-01", "/businessDayDate", "business-day-distance"},
		{"business day two days after", sale, "businessDayDate", "2026-05-06", "", ""},
		{"business day three days after", sale, "businessDayDate", "2026-05-07", "/businessDayDate", "business-day-distance"},

		{"card number", sale, "tenders/1/reference", "4111111111111111", "/tenders/1/reference", "card-number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := edit(t, c.text, c.path, c.value)
			if c.pointer != "*" {
				wantProblem(t, text, c.pointer, c.rule)
				return
			}
			var rules []string
			for _, problem := range problems(t, text) {
				rules = append(rules, problem.Rule)
			}
			if strings.Join(rules, " ") != c.rule {
				t.Errorf("got %v, want %s", rules, c.rule)
			}
		})
	}
}

func TestDetailsSayTheNumbers(t *testing.T) {
	found := problems(t, edit(t, edit(t, sale, "totals/grand", 1299), "tenders", nil))
	const want = "lines, taxes not included and rounding add up to 1300, totals.grand is 1299"
	if len(found) != 1 || found[0].Detail != want {
		t.Errorf("got %+v, want %s", found, want)
	}
}

// TestTradingDayIsTheStores: the day is compared with the till's own calendar,
// not with UTC's, where this ticket would be three days off.
func TestTradingDayIsTheStores(t *testing.T) {
	text := edit(t, edit(t, sale, "beginDateTime", nil), "endDateTime", "2026-05-03T23:30:00-05:00")
	wantProblem(t, edit(t, text, "businessDayDate", "2026-05-01"), "", "")
}

func TestOldTicketsAreTaken(t *testing.T) {
	text := edit(t, edit(t, sale, "beginDateTime", nil), "endDateTime", "2016-12-31T23:30:00+03:00")
	text = edit(t, edit(t, text, "businessDayDate", "2016-12-31"), "currencyCode", "BYR")
	wantProblem(t, text, "", "")
	wantProblem(t, edit(t, text, "businessDayDate", "2017-01-01"), "/currencyCode", "currency-not-in-use")
}

// TestSumsDoNotOverflow: 5,000 amounts of 53 bits, which in 64 bits would come
// round to the total claimed.
func TestSumsDoNotOverflow(t *testing.T) {
	const lines = 4097 // × 4503599627370496 (2^52) is 2^64 + 2^52
	text := &ticket.Ticket{}
	*text = *decode(t, control)
	text.Type, text.ControlType = ticket.Sale, ""
	for i := range lines {
		text.LineItems = append(text.LineItems, ticket.LineItem{SequenceNumber: int64(i + 1), ItemID: "x", Quantity: 1, ExtendedAmount: 1 << 52})
	}
	text.Totals.Grand = 1 << 52
	found := text.Check(arrival)
	if len(found) != 1 || !strings.Contains(found[0].Detail, "add up to 18451247673336922112,") {
		t.Errorf("got %+v", found)
	}
	for i := range text.LineItems {
		text.LineItems[i].Quantity, text.LineItems[i].ExtendedAmount = -1, -1<<52
	}
	text.Totals.Grand = -1 << 52
	found = text.Check(arrival)
	if len(found) != 1 || !strings.Contains(found[0].Detail, "add up to -18451247673336922112,") {
		t.Errorf("got %+v", found)
	}
}

func TestCardNumbers(t *testing.T) {
	for reference, want := range map[string]bool{
		"4111111111111111":                              true,
		"4111111111111112":                              false, // Luhn
		"4111 1111 1111 1111":                           true,
		"4111-1111-1111-1111":                           true,
		"4111 - 1111 - 1111 - 1111":                     true,
		"4111\u00a01111\u20111111\u20131111":            true, // other spaces and dashes
		"3782 822463 10005":                             true, // 15 digits
		"4222222222222":                                 true, // 13 digits
		"6304000000000000000":                           true, // 19 digits
		"422222222222":                                  false,
		"63040000000000000000":                          false, // 20 digits
		"card4111111111111111x":                         true,
		"pan=4111111111111111;exp=1227":                 true,
		"4111 1111 1111 1111 12/27":                     true,
		"12 4111 1111 1111 1111":                        true,
		"7654 4111111111111111 001":                     true,
		"%B4111111111111111^NAME^2712":                  true,
		"4111.1111.1111.1111":                           false,
		"ending 1111":                                   false,
		"":                                              false,
		"741111111111111112345678":                      false, // part of a longer number
		"41111111-1111-1111-1111-111111111111":          false, // a UUID
		"ref 41111111-1111-1111-1111-111111111111, ok":  false,
		"41111111-1111-1111-1111-1111111111111":         true, // a digit too many for a UUID
		"0xab4111111111111111cd5e5f6a7b8c9d0e1f":        false,
		"ab4111111111111111":                            true, // too short for such an identifier
		"0x" + strings.Repeat("4111111111111111", 4):    false,
		"deadbeefdeadbeefdeadbeef4111111111111111cafe":  false,
		"deadbeefdeadbeefdeadbeefz4111111111111111cafe": true, // not hexadecimal
	} {
		rule := ""
		if want {
			rule = "card-number"
		}
		t.Run(reference, func(t *testing.T) {
			wantProblem(t, edit(t, sale, "tenders/1/reference", reference), "/tenders/1/reference", rule)
		})
	}
}

func TestCheckListsAtMostFifty(t *testing.T) {
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf(`{"sequenceNumber":%d,"itemId":"x","quantity":"0","extendedAmount":0}`, i+1))
	}
	text := edit(t, edit(t, sale, "lineItems", raw("["+strings.Join(lines, ",")+"]")), "tenders", nil)
	if found := problems(t, text); len(found) != ticket.MaxProblems {
		t.Errorf("got %d problems", len(found))
	}
}
