package eterticket

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// sale makes a file of one line, with some of its text replaced: old, new, ….
func sale(replacements ...string) []byte {
	return []byte(strings.NewReplacer(replacements...).Replace(`1010-16-409-420-2018/09/11
{"fv":"2018/09/11","hiv":"17:33:53","hfv":"17:34:18","td":"1010","fl":"409","pv":"38","vr":"77","nc":"16","im":"23.2","ncj":"420"}
[{"cb":"7501031323302.0","ds":"Refresco","cn":"2.0","pi":"11.6","psi":"10","ti":"16.0","pt":"23.2"}]
[{"cp":"Efectivo","xp":"Efectivo"}]`))
}

// convert also holds the ticket against the rules for all tickets.
func convert(t *testing.T, content []byte) *ticket.Ticket {
	t.Helper()
	made, err := Convert(content)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := ticket.Decode(made.Canonical())
	if err != nil {
		t.Fatalf("not a ticket: %v\n%s", err, made.Canonical())
	}
	if problems := decoded.Check(time.Now()); len(problems) > 0 {
		t.Fatalf("not a good ticket: %v\n%s", problems, made.Canonical())
	}
	if !bytes.Equal(decoded.Canonical(), made.Canonical()) {
		t.Errorf("not in canonical form: %s", made.Canonical())
	}
	return decoded
}

func TestSaleIsConverted(t *testing.T) {
	const want = `{"beginDateTime":"2018-09-11T17:33:53-05:00","businessDayDate":"2018-09-11","currencyCode":"MXN",` +
		`"endDateTime":"2018-09-11T17:34:18-05:00","lineItems":[{"description":"Refresco","extendedAmount":2320,` +
		`"gtin":"07501031323302","itemId":"7501031323302","quantity":"2","sequenceNumber":1,` +
		`"tax":{"amount":320,"categoryCode":"S","rateBasisPoints":1600,"taxableAmount":2000},"unitPrice":"11.6"}],` +
		`"loyaltyId":"420","operatorId":"77","schemaVersion":"1","sequenceNumber":409,"storeId":"1010",` +
		`"tenders":[{"amount":2320,"tenderType":"Cash"}],"totals":{"grand":2320,"tax":320},` +
		`"transactionId":"73db6c2b-cb02-5277-8a75-716c86be82d3","transactionType":"Sale","workstationId":"16"}`
	if got := string(convert(t, sale()).Canonical()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What does not change the content does not change the ticket.
func TestSameFileSameTicket(t *testing.T) {
	want := convert(t, sale()).Canonical()
	for name, content := range map[string][]byte{
		"carriage returns":   bytes.ReplaceAll(sale(), []byte("\n"), []byte("\r\n")),
		"byte order mark":    append([]byte("\xef\xbb\xbf"), sale()...),
		"line break at end":  append(sale(), "\n\n"...),
		"other points":       sale(`"pv":"38"`, `"pv":"99"`),
		"unquoted numbers":   sale(`"23.2"`, `23.2`, `"7501031323302.0"`, `7501031323302.0`),
		"JSON spread out":    sale(`,"hiv"`, ",\n\n \"hiv\""),
		"members not known":  sale(`"ds"`, `"new":{"a":[1]},"ds"`),
		"kind in xp":         sale(`"cp":"Efectivo"`, `"cp":" "`),
		"sums of more zeros": sale(`"23.2"`, `"0023.2000"`),
	} {
		if got := convert(t, content).Canonical(); !bytes.Equal(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// One key with another content is the same transaction id, so a collector
// can tell that they conflict.
func TestKeyMakesTheTransactionID(t *testing.T) {
	one, other := convert(t, sale()), convert(t, sale("Refresco", "Agua"))
	if one.TransactionID != other.TransactionID || bytes.Equal(one.Canonical(), other.Canonical()) {
		t.Errorf("%s and %s", one.Canonical(), other.Canonical())
	}
	next := convert(t, sale("-409-", "-410-", `"409"`, `"410"`))
	if next.TransactionID == one.TransactionID {
		t.Error("two sales have one transaction id")
	}
}

func TestBarcodes(t *testing.T) {
	for text, want := range map[string][2]string{
		"7501055311422.0":   {"7501055311422", "07501055311422"},
		"7501055311422":     {"7501055311422", "07501055311422"},
		"638102532848.0":    {"638102532848", "00638102532848"}, // or an EAN without its zero: the same
		"11194367800.0":     {"011194367800", "00011194367800"}, // a zero was lost
		"11194367801.0":     {"11194367801", ""},                // its check digit is wrong
		"7501055311423.0":   {"7501055311423", ""},
		"96385074.0":        {"96385074", "00000096385074"},
		"9542008000.0":      {"9542008000", ""}, // two zeros: nothing proves it
		"17501055311429.0":  {"17501055311429", "17501055311429"},
		"123456789012345.0": {"123456789012345", ""},
		"4011.0":            {"4011", ""},
		"0.0":               {"0", ""},
		"PAN-7":             {"PAN-7", ""},
	} {
		if code, gtin := readBarcode(text); code != want[0] || gtin != want[1] {
			t.Errorf("%s: %q, %q, want %q", text, code, gtin, want)
		}
	}
}

func TestTimesHaveTheOffsetOfTheirDay(t *testing.T) {
	for _, test := range []struct{ date, start, end, begin, finish string }{
		{"2018/09/11", "02:03:31", "02:03:43", "2018-09-11T02:03:31-05:00", "2018-09-11T02:03:43-05:00"},
		{"2018/12/07", "16:12:49", "16:13:08", "2018-12-07T16:12:49-06:00", "2018-12-07T16:13:08-06:00"},
		{"2023/07/01", "12:00:00", "12:01:00", "2023-07-01T12:00:00-06:00", "2023-07-01T12:01:00-06:00"}, // summer time is abolished
		{"2018/09/11", "23:59:50", "00:00:10", "2018-09-11T23:59:50-05:00", "2018-09-12T00:00:10-05:00"},
		{"2018/10/28", "01:59:50", "01:00:10", "2018-10-28T01:59:50-05:00", "2018-10-28T01:00:10-06:00"}, // put back
		{"2018/10/28", "01:10:00", "01:20:00", "2018-10-28T01:10:00-05:00", "2018-10-28T01:20:00-05:00"},
		{"2018/04/01", "01:59:00", "03:01:00", "2018-04-01T01:59:00-06:00", "2018-04-01T03:01:00-05:00"},
	} {
		begin, finish, err := period(test.date, test.start, test.end)
		if err != nil || string(begin) != test.begin || string(finish) != test.finish {
			t.Errorf("%s %s to %s: %s to %s, %v", test.date, test.start, test.end, begin, finish, err)
		}
	}
}

func TestDecimalsAreExact(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1318.4": 131840, "0.29": 29, "-7.5": -750, "25.50": 2550, "9999999999.99": 999999999999,
		"1.005": 101, "1.0049999": 100, "-1.005": -101, "1318.3999999999999": 131840, "0.001": 0,
	} {
		if got, err := parseDecimal(text, 2); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".5", "5.", "1,5", "1e3", "NaN", "+1", "--1", "1.2.3", "10000000000", "٣"} {
		if got, err := parseDecimal(text, 2); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func TestDifferenceOfSums(t *testing.T) {
	for total, want := range map[string]string{
		"23.2":  `"totals":{"grand":2320,"tax":320}`,
		"23.0":  `"totals":{"grand":2300,"rounding":-20,"tax":320}`,
		"24.20": `"totals":{"grand":2420,"rounding":100,"tax":320}`,
	} {
		if got := convert(t, sale(`"im":"23.2"`, `"im":"`+total+`"`)).Canonical(); !bytes.Contains(got, []byte(want)) {
			t.Errorf("total %s: %s", total, got)
		}
	}
	// Weighed goods: the old system keeps more digits than there are coins.
	weighed := convert(t, sale(`"pt":"23.2"`, `"pt":"23.1966"`, `"2.0"`, `"1.9997"`))
	if line := weighed.LineItems[0]; line.ExtendedAmount != 2320 || line.Quantity.String() != "2" {
		t.Errorf("%+v", line)
	}
}

func TestPayments(t *testing.T) {
	for payments, want := range map[string]string{
		`{"cp":"EFECTIVO"}`:                  `"tenders":[{"amount":2320,"tenderType":"Cash"}],`,
		`{"cp":"Tarjeta"}`:                   `"tenders":[{"amount":2320,"tenderType":"Card"}],`,
		`{"cp":"Vales"}`:                     `"tenders":[{"amount":2320,"tenderType":"Voucher"}],`,
		`{"cp":"CCliente"}`:                  `"tenders":[{"amount":2320,"reference":"CCliente","tenderType":"Other"}],`,
		`{}`:                                 `"tenders":[{"amount":2320,"tenderType":"Other"}],`,
		``:                                   `"storeId":"1010","totals"`,
		`{"cp":"Efectivo"},{"cp":"Tarjeta"}`: `"storeId":"1010","totals"`, // who paid what is not said
	} {
		content := sale(`{"cp":"Efectivo","xp":"Efectivo"}`, payments)
		if got := convert(t, content).Canonical(); !bytes.Contains(got, []byte(want)) {
			t.Errorf("payments %s: %s", payments, got)
		}
	}
}

func TestReturnAndStranger(t *testing.T) {
	returned := convert(t, sale(`"2.0"`, `"-2.0"`, `"23.2"`, `"-23.2"`))
	if line := returned.LineItems[0]; returned.Type != ticket.Return || line.ExtendedAmount != -2320 || line.Tax.Amount != -320 {
		t.Errorf("%s", returned.Canonical())
	}
	if stranger := convert(t, sale("-420-", "-0-", `"420"`, `"0"`)); stranger.LoyaltyID != "" {
		t.Errorf("loyalty id %q", stranger.LoyaltyID)
	}
}

func TestBadFilesAreRefusedWithTheReason(t *testing.T) {
	for want, content := range map[string][]byte{
		"no rounding":                    sale(`"im":"23.2"`, `"im":"24.21"`),
		"first line must be the key":     sale("1010-16-409-420-2018/09/11\n", ""),
		"belongs to another sale":        sale("1010-16-409", "1010-16-408"),
		"line 1: quantity cn":            sale(`"cn":"2.0"`, `"cn":"two"`),
		"line 1: line total pt":          sale(`"pt":"23.2"`, `"pt":""`),
		"line 1: unit price pi":          sale(`"pi":"11.6"`, `"pi":"1e1"`),
		"line 1: VAT percent ti: \"160":  sale(`"16.0"`, `"160.0"`),
		"total im":                       sale(`"im":"23.2",`, ``),
		"folio fl":                       sale("-409-", "-A-", `"409"`, `"A"`),
		"hiv":                            sale("17:33:53", "25:33:53"),
		"payments: missing":              sale(`[{"cp":"Efectivo","xp":"Efectivo"}]`, ``),
		"lines: json":                    sale(`[{"cb"`, `{"cb"`, `"pt":"23.2"}]`, `"pt":"23.2"}`),
		"header: a text or a number":     sale(`"vr":"77"`, `"vr":[]`),
		"something follows the payments": append(sale(), sale()...),
		"iconv":                          sale("Refresco", "Jalape\xf1o"),
		"payments: unexpected EOF":       sale()[:len(sale())-3],
	} {
		if made, err := Convert(content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q: %v, %v", want, err, made)
		}
	}
}

// The four real files lie beside the project, where there are any.
func TestRealFiles(t *testing.T) {
	folder := os.Getenv("TILLPROOF_E2E_DATA")
	if folder == "" {
		t.Skip("TILLPROOF_E2E_DATA does not name the folder of real data")
	}
	want := map[string]struct {
		lines  int
		grand  int64
		member string
	}{
		"eTicket11418557.json": {57, 131840, "8021"}, "eTicket11419235.json": {1, 700, "420"},
		"eTicket11531046.json": {1, 700, "360"}, "eTicket11721138.json": {4, 65200, ""},
	}
	for name, want := range want {
		content, err := os.ReadFile(filepath.Join(folder, "eterticket", name))
		if err != nil {
			t.Fatal(err)
		}
		made := convert(t, content)
		if len(made.LineItems) != want.lines || made.Totals.Grand != want.grand || made.LoyaltyID != want.member {
			t.Errorf("%s: %s", name, made.Canonical())
		}
		for _, line := range made.LineItems {
			if line.GTIN == "" {
				t.Errorf("%s: %s has no GTIN", name, line.ItemID)
			}
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add(sale())
	f.Add(sale(`"2.0"`, `"-2.0"`, `"23.2"`, `"-23.2"`))
	f.Fuzz(func(t *testing.T, content []byte) {
		made, err := Convert(content)
		if err != nil {
			return
		}
		if again, err := Convert(content); err != nil || !bytes.Equal(again.Canonical(), made.Canonical()) {
			t.Errorf("%s, then %s, %v", made.Canonical(), again.Canonical(), err)
		}
		if bytes.ContainsAny(made.Canonical(), "\n\r") {
			t.Errorf("more than a line: %q", made.Canonical())
		}
	})
}
