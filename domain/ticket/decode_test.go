package ticket_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

func TestDecodeKeepsEveryField(t *testing.T) {
	want := &ticket.Ticket{
		TransactionID: "9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77", Type: ticket.Sale,
		StoreID: "Store 12/B", WorkstationID: "3", SequenceNumber: 4711,
		BusinessDayDate: "2026-05-04", BeginDateTime: "2026-05-04T18:02:55.5+02:00", EndDateTime: "2026-05-04T18:03:27+02:00",
		OperatorID: "op 7", CurrencyCode: "EUR", LoyaltyID: "member-1",
		LineItems: []ticket.LineItem{
			{
				SequenceNumber: 1, ItemID: "4711", GTIN: "04006381333931", Description: "Pen \"fine\" é", Lot: "L1", SerialNumber: "S1",
				Quantity: 2000, UnitOfMeasure: "C62", UnitPrice: ticket.Some(ticket.UnitPrice(199000)), ExtendedAmount: 378,
				Discounts: []ticket.Discount{{PromotionID: "two-for", ReasonCode: "promo", Amount: 20}},
				Tax:       &ticket.Tax{CategoryCode: "S", RateBasisPoints: 2000, TaxableAmount: 315, Amount: 63, Included: true},
			},
			{SequenceNumber: 2, ItemID: "cheese", Quantity: 742, UnitOfMeasure: "KGM", UnitPrice: ticket.Some(ticket.UnitPrice(1250000)), ExtendedAmount: 928},
			{
				SequenceNumber: 3, ItemID: "bottle", Quantity: -1000, ExtendedAmount: -25,
				ReturnOf: &ticket.ReturnOf{TransactionID: "11111111-2222-4333-8444-555555555555", SequenceNumber: 2},
			},
		},
		Taxes: []ticket.Tax{
			{CategoryCode: "S", RateBasisPoints: 2000, TaxableAmount: 1068, Amount: 213, Included: true},
			{CategoryCode: "ECO", Amount: 17},
		},
		Totals:  ticket.Totals{Grand: 1300, Discount: ticket.Some(int64(20)), Tax: ticket.Some(int64(213)), Rounding: ticket.Some(int64(2))},
		Tenders: []ticket.Tender{{Type: ticket.Cash, Amount: 1500}, {Type: ticket.Cash, Amount: -200, Reference: "change"}},
	}
	if got := decode(t, sale); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := decode(t, control); got.ControlType != ticket.Open || got.LineItems != nil {
		t.Errorf("control: got %+v", got)
	}
	void := edit(t, sale, "transactionType", "PostVoid")
	void = edit(t, void, "transactionLinks", raw(`[{"transactionId":"AAAAAAAA-2222-4333-8444-555555555555"}]`))
	if got := decode(t, void).VoidOf; got != "aaaaaaaa-2222-4333-8444-555555555555" {
		t.Errorf("void of %q", got)
	}
}

// TestSchemaRules has each rule of the schema at its edges.
func TestSchemaRules(t *testing.T) {
	const beyond53 = "9007199254740992"
	long := strings.Repeat("é", 65)
	for _, c := range []struct {
		path  string
		value any
		rule  string // empty: accepted
	}{
		{"schemaVersion", "2", "schema/enum"},
		{"schemaVersion", 1, "schema/type"},
		{"transactionId", "9B2C6C1E-6A54-4D0C-9F43-0C3F2F1D8A77", ""},
		{"transactionId", "9b2c6c1e6a544d0c9f430c3f2f1d8a77", "schema/format"},
		{"transactionId", "{9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77}", "schema/format"},
		{"transactionId", "9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a7g", "schema/format"},
		{"transactionId", "", "schema/format"},
		{"transactionType", "sale", "schema/enum"},
		{"storeId", "", "schema/min-length"},
		{"storeId", "x", ""},
		{"storeId", strings.Repeat("é", 64), ""},
		{"storeId", long, "schema/max-length"},
		{"storeId", "a\tb", "schema/pattern"},
		{"storeId", "a\u200bb", "schema/pattern"}, // zero-width space: two ids that look alike
		{"storeId", "a\ue000b", "schema/pattern"},
		{"storeId", 12, "schema/type"},
		{"storeId", raw("null"), "schema/type"},
		{"loyaltyId", "", "schema/min-length"},
		{"loyaltyId", raw("null"), "schema/type"},
		{"operatorId", "", "schema/min-length"},
		{"sequenceNumber", 0, "schema/minimum"},
		{"sequenceNumber", raw("9007199254740991"), ""},
		{"sequenceNumber", raw(beyond53), "integer-53-bits"},
		{"sequenceNumber", raw("1" + strings.Repeat("0", 400)), "integer-53-bits"},
		{"sequenceNumber", "1", "schema/type"},
		{"sequenceNumber", raw("1.0"), "integer-form"},
		{"sequenceNumber", raw("1e3"), "integer-form"},
		{"sequenceNumber", raw("1E3"), "integer-form"},
		{"businessDayDate", "2026-5-04", "schema/format"},
		{"businessDayDate", "2026-02-29", "schema/format"},
		{"businessDayDate", "2026-05-04T00:00:00Z", "schema/format"},
		{"businessDayDate", "0000-05-04", "schema/format"},
		{"endDateTime", "2026-05-04T18:03:27", "schema/format"},
		{"beginDateTime", "", "schema/format"},
		{"currencyCode", "eur", "schema/pattern"},
		{"currencyCode", "EURO", "schema/pattern"},
		{"lineItems", raw("{}"), "schema/type"},
		{"lineItems", raw("[]"), "schema/min-items"},
		{"lineItems/0", raw("7"), "schema/type"},
		{"lineItems/0/sequenceNumber", 0, "schema/minimum"},
		{"lineItems/0/itemId", "", "schema/min-length"},
		{"lineItems/0/gtin", "123456789", "schema/pattern"},
		{"lineItems/0/gtin", "40063813339３１", "schema/pattern"},
		{"lineItems/0/gtin", "", "schema/pattern"},
		{"lineItems/0/description", "", ""},
		{"lineItems/0/description", strings.Repeat("é", 256), ""},
		{"lineItems/0/description", strings.Repeat("é", 257), "schema/max-length"},
		{"lineItems/0/description", "a\nb", ""},
		{"lineItems/0/description", "a\x00b", "nul-character"},
		{"lineItems/0/lot", strings.Repeat("x", 21), "schema/max-length"},
		{"lineItems/0/serialNumber", strings.Repeat("x", 21), "schema/max-length"},
		{"lineItems/0/unitOfMeasure", strings.Repeat("x", 9), "schema/max-length"},
		{"lineItems/0/quantity", 2, "schema/type"},
		{"lineItems/0/quantity", "2.0000", "schema/pattern"},
		{"lineItems/0/quantity", "999999999999.999", ""},
		{"lineItems/0/quantity", "0000000000001", "schema/pattern"},
		{"lineItems/0/quantity", "+1", "schema/pattern"},
		{"lineItems/0/quantity", ".5", "schema/pattern"},
		{"lineItems/0/quantity", "5.", "schema/pattern"},
		{"lineItems/0/quantity", "", "schema/pattern"},
		{"lineItems/0/quantity", "-", "schema/pattern"},
		{"lineItems/0/quantity", "1,5", "schema/pattern"},
		{"lineItems/0/unitPrice", "0.00001", ""},
		{"lineItems/0/unitPrice", "0.000001", "schema/pattern"},
		{"lineItems/0/unitPrice", "-1", "schema/pattern"},
		{"lineItems/0/extendedAmount", raw("378.0"), "integer-form"},
		{"lineItems/0/extendedAmount", raw("-" + beyond53), "integer-53-bits"},
		{"lineItems/0/discounts", raw("[]"), ""},
		{"lineItems/0/discounts/0/amount", -1, "schema/minimum"},
		{"lineItems/0/discounts/0/promotionId", "", "schema/min-length"},
		{"lineItems/0/tax", raw("null"), "schema/type"},
		{"lineItems/0/tax/categoryCode", "", ""},
		{"lineItems/0/tax/categoryCode", "ABCDE", "schema/max-length"},
		{"lineItems/0/tax/rateBasisPoints", 100000, ""},
		{"lineItems/0/tax/rateBasisPoints", 100001, "schema/maximum"},
		{"lineItems/0/tax/rateBasisPoints", -1, "schema/minimum"},
		{"lineItems/0/tax/included", "true", "schema/type"},
		{"lineItems/2/returnOf/transactionId", "nine", "schema/format"},
		{"lineItems/2/returnOf/sequenceNumber", 0, "schema/minimum"},
		{"totals/rounding", 1001, "schema/maximum"},
		{"totals/rounding", -1001, "schema/minimum"},
		{"totals/discount", raw("null"), "schema/type"},
		{"tenders/0/tenderType", "cash", "schema/enum"},
		{"tenders/1/reference", strings.Repeat("x", 128), ""},
		{"tenders/1/reference", strings.Repeat("x", 129), "schema/max-length"},
		{"transactionLinks", raw(`[{"transactionId":"11111111-2222-4333-8444-555555555555"}]`), "schema/not-allowed"},
		{"controlType", "NoSale", "schema/not-allowed"},
		{"lineitems", raw("[]"), "unknown-field"},
	} {
		t.Run(fmt.Sprint(c.path, "=", c.value), func(t *testing.T) {
			wantProblem(t, edit(t, sale, c.path, c.value), "/"+c.path, c.rule)
		})
	}
}

func TestRequiredFieldsAreNamed(t *testing.T) {
	for _, path := range []string{
		"schemaVersion", "transactionId", "transactionType", "storeId", "workstationId", "sequenceNumber", "businessDayDate",
		"endDateTime", "currencyCode", "lineItems", "totals", "totals/grand", "lineItems/1/sequenceNumber", "lineItems/1/itemId",
		"lineItems/1/quantity", "lineItems/1/extendedAmount", "lineItems/0/discounts/0/amount", "lineItems/0/tax/amount",
		"lineItems/2/returnOf/transactionId", "taxes/1/categoryCode", "tenders/0/tenderType", "tenders/0/amount",
	} {
		t.Run(path, func(t *testing.T) {
			wantProblem(t, edit(t, sale, path, nil), "/"+path, "schema/required")
		})
	}
}

func TestEachTypeHasItsOwnFields(t *testing.T) {
	link := raw(`[{"transactionId":"11111111-2222-4333-8444-555555555555"}]`)
	void := edit(t, edit(t, sale, "transactionType", "PostVoid"), "transactionLinks", link)
	for _, c := range []struct {
		name, text, pointer, rule string
	}{
		{"void", void, "", ""},
		{"void of nothing", edit(t, void, "transactionLinks", nil), "/transactionLinks", "schema/required"},
		{"void, empty links", edit(t, void, "transactionLinks", raw("[]")), "/transactionLinks", "schema/min-items"},
		{"void of two", edit(t, void, "transactionLinks", raw(`[{"transactionId":"11111111-2222-4333-8444-555555555555"},{"transactionId":"21111111-2222-4333-8444-555555555555"}]`)), "/transactionLinks", "schema/max-items"},
		{"void of itself", edit(t, void, "transactionLinks/0/transactionId", "9B2C6C1E-6a54-4d0c-9f43-0c3f2f1d8a77"), "/transactionLinks/0/transactionId", "void-of-itself"},
		{"control", control, "", ""},
		{"control without type", edit(t, control, "controlType", nil), "/controlType", "schema/required"},
		{"control, unknown type", edit(t, control, "controlType", "Lunch"), "/controlType", "schema/enum"},
		{"control with total", edit(t, control, "totals/grand", 5), "/totals/grand", "schema/const"},
		{"control with member", edit(t, control, "loyaltyId", "m"), "/loyaltyId", "schema/not-allowed"},
		{"control with tenders", edit(t, control, "tenders", raw("[]")), "/tenders", "schema/not-allowed"},
		{"control with lines", edit(t, control, "lineItems", raw(`[{"sequenceNumber":1,"itemId":"x","quantity":"1","extendedAmount":0}]`)), "/lineItems", "schema/max-items"},
		{"control with taxes", edit(t, control, "taxes", raw(`[{"categoryCode":"S","rateBasisPoints":0,"taxableAmount":0,"amount":0}]`)), "/taxes", "control-money"},
		{"control with discount", edit(t, control, "totals/discount", 5), "/totals/discount", "control-money"},
		{"control with zero tax", edit(t, control, "totals/tax", 0), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) { wantProblem(t, c.text, c.pointer, c.rule) })
	}
}

func TestUnknownFieldsAreRefusedWithAHint(t *testing.T) {
	for name, hint := range map[string]string{
		"loyaltyID":        `did you mean "loyaltyId"?`,
		"loyalty_id":       `did you mean "loyaltyId"?`,
		"bussinessDayDate": `did you mean "businessDayDate"?`,
		"tendrs":           `did you mean "tenders"?`,
		"colour":           "leave it out",
		"a/b~c":            "leave it out",
	} {
		found := problems(t, fmt.Sprintf(`{%q:[{"x":[1,{}]}],`, name)+sale[1:])
		if len(found) != 1 || found[0].Rule != "unknown-field" || !strings.Contains(found[0].Detail, hint) {
			t.Errorf("%s: got %+v, want %s", name, found, hint)
		}
	}
	found := problems(t, `{"a/b~c":1,`+sale[1:])
	if found[0].Pointer != "/a~1b~0c" {
		t.Errorf("pointer %q is not escaped", found[0].Pointer)
	}
}

func TestAllProblemsInOneAnswer(t *testing.T) {
	text := edit(t, edit(t, edit(t, sale, "storeId", ""), "totals/grand", raw("1.5")), "lineItems/1/quantity", "many")
	if found := problems(t, text); len(found) != 3 {
		t.Errorf("got %+v, want three problems", found)
	}
	bad := strings.Repeat(`{},`, 99) + `{}`
	if found := problems(t, edit(t, sale, "lineItems", raw("["+bad+"]"))); len(found) != ticket.MaxProblems {
		t.Errorf("got %d problems, want them cut at %d", len(found), ticket.MaxProblems)
	}
}

func TestLimits(t *testing.T) {
	lines := func(n int) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"sequenceNumber":%d,"itemId":"x","quantity":"1","extendedAmount":0}`, i+1)
		}
		return `{"schemaVersion":"1","transactionId":"9b2c6c1e-6a54-4d0c-9f43-0c3f2f1d8a77","transactionType":"Sale","storeId":"12",
			"workstationId":"3","sequenceNumber":1,"businessDayDate":"2026-05-04","endDateTime":"2026-05-04T06:00:00Z",
			"currencyCode":"EUR","totals":{"grand":0},"lineItems":[` + b.String() + `]}`
	}
	wantProblem(t, lines(ticket.MaxLines), "", "")
	wantProblem(t, lines(ticket.MaxLines+1), "/lineItems", "schema/max-items")

	full := control + strings.Repeat(" ", ticket.MaxBytes-len(control))
	if _, err := ticket.Decode([]byte(full)); err != nil {
		t.Errorf("exactly MaxBytes: %v", err)
	}
	if _, err := ticket.Decode([]byte(full + " ")); !errors.Is(err, ticket.ErrTooLarge) {
		t.Errorf("one byte more: got %v, want ErrTooLarge", err)
	}
}

// TestProblemsTellNothingPersonal: details and pointers may be logged.
func TestProblemsTellNothingPersonal(t *testing.T) {
	const secret = "canary"
	for _, path := range []string{"loyaltyId", "operatorId", "storeId", "lineItems/0/itemId", "tenders/0/reference"} {
		for _, value := range []any{secret + "\x00", secret + "\x01" + strings.Repeat("x", 200), raw(`["` + secret + `"]`), raw(`{"` + secret + `":1}`)} {
			for _, problem := range problems(t, edit(t, sale, path, value)) {
				if strings.Contains(fmt.Sprint(problem), secret) {
					t.Errorf("%s: %+v tells the value", path, problem)
				}
			}
		}
	}
}
