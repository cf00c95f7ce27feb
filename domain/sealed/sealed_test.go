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

var update = flag.Bool("update", false, "seal the golden body of the newest version anew; one that no longer opens breaks every ledger there is")

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

// personLength is that of a short person part with its tag.
const personLength = 128 + 16

const keyID = "0123456789abcdef0123456789abcdef"

// seal gives the bodies of a lot.
func seal(t testing.TB, texts ...string) [][]byte {
	t.Helper()
	tickets := make([]sealed.Parts, len(texts))
	for i, text := range texts {
		tickets[i].Trade, tickets[i].Person = sealed.Split(decode(t, text), facts, secrets, keyID)
		tickets[i].PersonKey = memberKey
	}
	lot, persons, err := sealed.SealLot(period, tradeKey, tickets)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make([][]byte, len(texts))
	for place, person := range persons {
		bodies[place] = sealed.Compose(lot, place, person)
	}
	return bodies
}

func parse(t testing.TB, bytes []byte) sealed.Body {
	t.Helper()
	body, err := sealed.Parse(bytes)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// numbered is the sale with another sequence number.
func numbered(n int) string {
	return strings.Replace(sale, `"sequenceNumber":7`, fmt.Sprintf(`"sequenceNumber":%d`, n), 1)
}

func TestWhatIsSealedComesBack(t *testing.T) {
	bare := `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000002","transactionType":"Control","controlType":"Open",
"storeId":"Nord 1","workstationId":"2","sequenceNumber":6,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:15:00+01:00",
"currencyCode":"EUR","lineItems":[],"totals":{"grand":0}}`
	texts := []string{sale, bare, numbered(8)}
	for place, bytes := range seal(t, texts...) {
		body := parse(t, bytes)
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
		if want := decode(t, texts[place]); !reflect.DeepEqual(whole, want) {
			t.Errorf("got  %s\nwant %s", whole.Canonical(), want.Canonical())
		}
		if person.Account != account || person.Secret != secrets.Person || trade.Secret != secrets.Trade ||
			trade.RetailerID != "main" || trade.PersonKey != keyID {
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
}

func TestNothingOpensWithoutItsKey(t *testing.T) {
	bodies := seal(t, sale, numbered(8))
	body := parse(t, bodies[0])
	if _, err := body.OpenTrade(ticketKey, memberKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("trade part with the member's key: %v", err)
	}
	if _, err := body.OpenTrade(ticketKey, tradeKey); err != nil {
		t.Errorf("trade part with its key: %v", err)
	}
	if _, err := body.OpenTrade(ticketKey, memberKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("trade part with the member's key, after it was opened with the right one: %v", err)
	}
	if _, err := body.OpenPerson(ticketKey, tradeKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("person part with the period's key: %v", err)
	}
	moved := bytes.Clone(bodies[0])
	moved[1] = 1
	if _, err := parse(t, moved).OpenPerson(ticketKey, memberKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("person part moved to another ticket of the lot: %v", err)
	}
	person := seal(t, sale, numbered(8))[0][len(bodies[0])-personLength:]
	other := parse(t, append(bytes.Clone(bodies[0][:len(bodies[0])-personLength]), person...))
	if _, err := other.OpenPerson(ticketKey, memberKey); err == nil {
		t.Error("person part moved to another lot")
	}
	moved[1] = 2
	if _, err := parse(t, moved).OpenTrade(ticketKey, tradeKey); err == nil {
		t.Error("a place that the lot has not got is opened")
	}
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	whole := seal(t, sale)[0]
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

func TestTheTradePartOutlivesThePerson(t *testing.T) {
	emptied, err := sealed.WithoutPerson(seal(t, sale)[0])
	if err != nil {
		t.Fatal(err)
	}
	body := parse(t, emptied)
	if _, err := body.OpenPerson(ticketKey, memberKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("the emptied person part: %v, want ErrKey", err)
	}
	if _, err := body.OpenTrade(ticketKey, tradeKey); err != nil {
		t.Errorf("the trade part: %v", err)
	}
}

// A key meets one message: the same tickets sealed again have another salt, and so another key.
func TestEachLotHasAKeyOfItsOwn(t *testing.T) {
	const begin, end = 11, 43 // of the salt in a body
	first, second := seal(t, sale)[0], seal(t, sale)[0]
	copy(second[begin:end], first[begin:end])
	if _, err := parse(t, second).OpenTrade(ticketKey, tradeKey); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("a lot opens with the salt of another: %v", err)
	}
}

func TestALotThatCannotBeSealed(t *testing.T) {
	trade, person := sealed.Split(decode(t, sale), facts, secrets, "no id of a key")
	if _, _, err := sealed.SealLot(period, tradeKey, []sealed.Parts{{Trade: trade, Person: person}}); err == nil {
		t.Error("the id of a key that is none is sealed")
	}
	if _, _, err := sealed.SealLot(period, tradeKey, nil); err == nil {
		t.Error("a lot of no tickets is sealed")
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
	size := func(texts ...string) int { return len(seal(t, texts...)[0]) }
	short := strings.Replace(sale, `"A"`, `"AB"`, 1)
	if a, b := size(sale), size(short); a != b {
		t.Errorf("one character more shows: %d and %d bytes", a, b)
	}
	nobody := strings.NewReplacer(`"loyaltyId":"member 4711",`, "", `"operatorId":"operator 9",`, "").Replace(sale)
	if a, b := size(sale), size(nobody); a != b {
		t.Errorf("the size tells whether there is a member: %d and %d bytes", a, b)
	}
	const overhead = 6 + 37 + 16 + personLength // before, in and behind the lot, and the person part
	for _, lines := range []int{1, 10, 50, 200} {
		if n := size(benchmarkSale(lines)) - overhead; n&(n-1) != 0 {
			t.Errorf("a ticket of %d lines alone takes %d bytes, want a power of two", lines, n)
		}
	}
}

// Golden bodies were sealed once; every later version must open them.
func TestBodiesOfTheFirstDayStillOpen(t *testing.T) {
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", "body-v2.golden"), seal(t, numbered(6), sale)[1], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, golden := range []string{"body-v1.golden", "body-v2.golden"} {
		content, err := os.ReadFile(filepath.Join("testdata", golden))
		if err != nil {
			t.Fatal(err)
		}
		body := parse(t, content)
		trade, err := body.OpenTrade(ticketKey, tradeKey)
		if err != nil {
			t.Fatalf("%s: %v", golden, err)
		}
		person, err := body.OpenPerson(ticketKey, memberKey)
		if err != nil {
			t.Fatalf("%s: %v", golden, err)
		}
		whole, err := sealed.Join(trade, person)
		if err != nil || !bytes.Equal(whole.Canonical(), decode(t, sale).Canonical()) {
			t.Errorf("%s: it opens to another ticket (%v): %s", golden, err, whole.Canonical())
		}
		if golden != "body-v1.golden" {
			continue
		}
		if _, err := body.OpenTrade([32]byte{9}, tradeKey); !errors.Is(err, sealed.ErrKey) {
			t.Errorf("%s: trade part moved to another ticket: %v", golden, err)
		}
		if emptied, err := sealed.WithoutPerson(content); err != nil || len(emptied) >= len(content) {
			t.Errorf("%s: the person part is not emptied: %v", golden, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(seal(f, sale)[0])
	f.Add(seal(f, sale, numbered(8))[1])
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

// BenchmarkSealLot seals fifty tickets of ten lines.
func BenchmarkSealLot(b *testing.B) {
	tickets := make([]sealed.Parts, 50)
	for i := range tickets {
		tickets[i].Trade, tickets[i].Person = sealed.Split(decode(b, benchmarkSale(10)), facts, secrets, keyID)
	}
	b.ReportAllocs()
	var size int
	for b.Loop() {
		lot, persons, err := sealed.SealLot(period, tradeKey, tickets)
		if err != nil {
			b.Fatal(err)
		}
		size = len(lot) + len(persons)*len(persons[0])
	}
	b.ReportMetric(float64(size)/50, "bytes/ticket")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*50), "µs/ticket")
}

// BenchmarkOpenTrade opens one ticket of a lot of fifty.
func BenchmarkOpenTrade(b *testing.B) {
	texts := make([]string, 50)
	for i := range texts {
		texts[i] = benchmarkSale(10)
	}
	content := seal(b, texts...)[7]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(b, content).OpenTrade(ticketKey, tradeKey); err != nil {
			b.Fatal(err)
		}
	}
}
