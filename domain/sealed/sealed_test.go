package sealed_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
)

var update = flag.Bool("update", false, "seal the golden body anew; one that no longer opens breaks every ledger there is")

const sale = `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000001","transactionType":"Sale",
"storeId":"Nord 1","workstationId":"2","sequenceNumber":7,"businessDayDate":"2026-03-01",
"endDateTime":"2026-03-01T10:15:00+01:00","operatorId":"operator 9","loyaltyId":"member 4711","currencyCode":"EUR",
"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"1","extendedAmount":1200}],
"totals":{"grand":1200},"tenders":[{"tenderType":"Cash","amount":200},{"tenderType":"Card","amount":1000,"reference":"auth 55"}]}`

var (
	ticketKey = [32]byte{1}
	tradeKey  = sealed.Key{2}
	memberKey = sealed.Key{3}
	account   = [16]byte{4}
	secrets   = commitment.Derive([32]byte{5})
	facts     = commitment.Facts{RetailerID: "main", Account: account, Reference: reference}
	period    = sealed.PeriodOf(time.Date(2026, 3, 31, 23, 30, 0, 0, time.FixedZone("", -3600)))
)

func reference(transactionID string) [32]byte { return sha256.Sum256([]byte(transactionID)) }

func decode(t testing.TB, text string) *ticket.Ticket {
	t.Helper()
	decoded, err := ticket.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func seal(t testing.TB, text string) []byte {
	t.Helper()
	trade, person := sealed.Split(decode(t, text), facts, secrets, "id of the key")
	body, err := sealed.Seal(ticketKey, period, tradeKey, memberKey, trade, person)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func parse(t testing.TB, bytes []byte) sealed.Body {
	t.Helper()
	body, err := sealed.Parse(bytes)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWhatIsSealedComesBack(t *testing.T) {
	body := parse(t, seal(t, sale))
	if body.Period.String() != "2026-04" {
		t.Errorf("period %s, want 2026-04 (UTC)", body.Period)
	}
	trade, err := body.OpenTrade(ticketKey, tradeKey)
	if err != nil {
		t.Fatal(err)
	}
	person, err := body.OpenPerson(ticketKey, memberKey)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := sealed.Join(trade, person)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(whole, decode(t, sale)) {
		t.Errorf("got  %s\nwant %s", whole.Canonical(), decode(t, sale).Canonical())
	}
	if person.Account != account || person.Secret != secrets.Person || trade.Secret != secrets.Trade ||
		trade.RetailerID != "main" || trade.PersonKey != "id of the key" {
		t.Error("an attribute did not come back")
	}
	root, err := trade.Commitment(reference)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := commitment.Build(whole, facts, secrets)
	if err != nil || tree.Root() != root {
		t.Errorf("the trade part gives another commitment than the whole ticket (%v)", err)
	}
}

func TestNothingOpensWithoutItsKey(t *testing.T) {
	body := parse(t, seal(t, sale))
	if _, err := body.OpenTrade(ticketKey, memberKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("trade part with the member's key: %v", err)
	}
	if _, err := body.OpenPerson(ticketKey, tradeKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("person part with the period's key: %v", err)
	}
	if _, err := body.OpenTrade([32]byte{9}, tradeKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("trade part moved to another ticket: %v", err)
	}
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	whole := seal(t, sale)
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		body, err := sealed.Parse(changed)
		if err != nil {
			continue
		}
		_, tradeErr := body.OpenTrade(ticketKey, tradeKey)
		_, personErr := body.OpenPerson(ticketKey, memberKey)
		if tradeErr == nil && personErr == nil {
			t.Fatalf("byte %d may be changed", i)
		}
	}
	for n := range whole {
		if body, err := sealed.Parse(whole[:n]); err == nil {
			if _, err := body.OpenPerson(ticketKey, memberKey); err == nil {
				t.Fatalf("cut to %d bytes it still opens", n)
			}
		}
	}
}

func TestTheTradePartTellsNoPerson(t *testing.T) {
	trade, _ := sealed.Split(decode(t, sale), facts, secrets, "k")
	text := string(trade.Ticket.Canonical())
	for _, secret := range []string{"member 4711", "operator 9", "auth 55"} {
		if strings.Contains(text, secret) {
			t.Errorf("it tells %q", secret)
		}
	}
}

func TestSizesTellLittle(t *testing.T) {
	short := strings.Replace(sale, `"A"`, `"AB"`, 1)
	if a, b := len(seal(t, sale)), len(seal(t, short)); a != b {
		t.Errorf("one character more shows: %d and %d bytes", a, b)
	}
	nobody := strings.NewReplacer(`"loyaltyId":"member 4711",`, "", `"operatorId":"operator 9",`, "").Replace(sale)
	if a, b := len(seal(t, sale)), len(seal(t, nobody)); a != b {
		t.Errorf("the size tells whether there is a member: %d and %d bytes", a, b)
	}
}

// The golden body was sealed once; every later version must open it.
func TestBodiesOfTheFirstDayStillOpen(t *testing.T) {
	golden := filepath.Join("testdata", "body-v1.golden")
	if *update {
		if err := os.WriteFile(golden, seal(t, sale), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	body := parse(t, content)
	trade, err := body.OpenTrade(ticketKey, tradeKey)
	if err != nil {
		t.Fatal(err)
	}
	person, err := body.OpenPerson(ticketKey, memberKey)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := sealed.Join(trade, person)
	if err != nil || !bytes.Equal(whole.Canonical(), decode(t, sale).Canonical()) {
		t.Errorf("it opens to another ticket (%v): %s", err, whole.Canonical())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(seal(f, sale))
	f.Add([]byte{1, 0, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, content []byte) {
		if body, err := sealed.Parse(content); err == nil {
			body.OpenTrade(ticketKey, tradeKey)
			body.OpenPerson(ticketKey, memberKey)
		}
	})
}

func benchmarkSale(lines int) string {
	var items strings.Builder
	for i := range lines {
		if i > 0 {
			items.WriteByte(',')
		}
		fmt.Fprintf(&items, `{"sequenceNumber":%d,"itemId":"10%d","gtin":"04006381333931","description":"Product %d of the range","quantity":"1","unitPrice":"1.29","extendedAmount":129}`, i+1, i*7919, i*31)
	}
	return fmt.Sprintf(`{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000001","transactionType":"Sale",
"storeId":"Nord 1","workstationId":"2","sequenceNumber":7,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:15:00+01:00",
"operatorId":"9","loyaltyId":"4711","currencyCode":"EUR","lineItems":[%s],"totals":{"grand":%d}}`, items.String(), 129*lines)
}

func BenchmarkSeal(b *testing.B) {
	trade, person := sealed.Split(decode(b, benchmarkSale(10)), facts, secrets, "0123456789abcdef0123456789abcdef")
	b.ReportAllocs()
	var size int
	for b.Loop() {
		body, err := sealed.Seal(ticketKey, period, tradeKey, memberKey, trade, person)
		if err != nil {
			b.Fatal(err)
		}
		size = len(body)
	}
	b.ReportMetric(float64(size), "bytes/body")
}

func BenchmarkOpenTrade(b *testing.B) {
	body := parse(b, seal(b, benchmarkSale(10)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := body.OpenTrade(ticketKey, tradeKey); err != nil {
			b.Fatal(err)
		}
	}
}
