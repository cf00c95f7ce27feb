package commitment_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ticket"
)

var update = flag.Bool("update", false, "write the golden files anew; a changed one breaks every commitment made before")

const sale = `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000001","transactionType":"Sale",
"storeId":"Nord, 1","workstationId":"2","sequenceNumber":7,"businessDayDate":"2026-03-01",
"endDateTime":"2026-03-01T10:15:00+01:00","operatorId":"op 9","loyaltyId":"4711","currencyCode":"EUR",
"lineItems":[
 {"sequenceNumber":1,"itemId":"A","description":"Käse \"alt\", [jung]","quantity":"0.742","extendedAmount":1000},
 {"sequenceNumber":2,"itemId":"B","quantity":"2","extendedAmount":299,"tax":{"categoryCode":"S","rateBasisPoints":700,"taxableAmount":279,"amount":20}},
 {"sequenceNumber":3,"itemId":"A","quantity":"-1","extendedAmount":-99,"returnOf":{"transactionId":"018f3e6a-0000-7000-8000-000000000000","sequenceNumber":4}}],
"totals":{"grand":1200},"tenders":[{"tenderType":"Cash","amount":200},{"tenderType":"Card","amount":1000,"reference":"auth 55"}]}`

const control = `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000002","transactionType":"Control",
"controlType":"Open","storeId":"1","workstationId":"2","sequenceNumber":8,"businessDayDate":"2026-03-01",
"endDateTime":"2026-03-01T07:00:00Z","currencyCode":"EUR","lineItems":[],"totals":{"grand":0}}`

var (
	account = [16]byte{1, 2, 3}
	seed    = [32]byte{9, 8, 7}
)

func decode(t testing.TB, text string) *ticket.Ticket {
	t.Helper()
	decoded, err := ticket.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// reference stands in for the keyed hash.
func reference(transactionID string) [32]byte { return sha256.Sum256([]byte(transactionID)) }

func facts(account [16]byte) commitment.Facts {
	return commitment.Facts{RetailerID: "main", Account: account, Reference: reference}
}

func build(t testing.TB, text string, account [16]byte, seed [32]byte) *commitment.Tree {
	t.Helper()
	tree, err := commitment.Build(decode(t, text), facts(account), commitment.Derive(seed))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestCommitmentsAreWhatTheyWere(t *testing.T) {
	var got bytes.Buffer
	for _, text := range []string{sale, control, withLines(t, 60), withLines(t, 5000)} {
		root := build(t, text, account, seed).Root()
		fmt.Fprintf(&got, "%s %d lines\n", hex.EncodeToString(root[:]), len(decode(t, text).LineItems))
	}
	golden := filepath.Join("testdata", "roots.golden")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%swant\n%s", got.Bytes(), want)
	}
}

// withLines gives a sale of n lines.
func withLines(t testing.TB, n int) string {
	t.Helper()
	var lines bytes.Buffer
	for i := range n {
		if i > 0 {
			lines.WriteByte(',')
		}
		fmt.Fprintf(&lines, `{"sequenceNumber":%d,"itemId":"item %d","quantity":"1","extendedAmount":1}`, i+1, i)
	}
	return fmt.Sprintf(`{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000003","transactionType":"Sale",
		"storeId":"1","workstationId":"2","sequenceNumber":9,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T07:00:00Z",
		"currencyCode":"EUR","lineItems":[%s],"totals":{"grand":%d}}`, lines.Bytes(), n)
}

func TestEveryFieldIsCommitted(t *testing.T) {
	base := build(t, sale, account, seed).Root()
	for _, change := range [][2]string{
		{`000000000001"`, `000000000009"`}, {`"Nord, 1"`, `"Nord, 2"`}, {`"workstationId":"2"`, `"workstationId":"3"`},
		{`"sequenceNumber":7`, `"sequenceNumber":8`}, {`"2026-03-01"`, `"2026-03-02"`}, {`10:15:00`, `10:15:01`},
		{`"op 9"`, `"op 8"`}, {`"4711"`, `"4712"`}, {`"EUR"`, `"CHF"`}, {`Käse`, `Kase`}, {`"0.742"`, `"0.743"`},
		{`"extendedAmount":1000`, `"extendedAmount":1001`}, {`"grand":1200`, `"grand":1201`}, {`"auth 55"`, `"auth 56"`},
		{`"tenderType":"Cash"`, `"tenderType":"Voucher"`}, {`"sequenceNumber":4`, `"sequenceNumber":5`},
		{`"sequenceNumber":3,"itemId":"A"`, `"sequenceNumber":4,"itemId":"A"`}, {`"taxableAmount":279`, `"taxableAmount":278`},
	} {
		changed := bytes.Replace([]byte(sale), []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(changed, []byte(sale)) {
			t.Fatalf("%s is not in the ticket", change[0])
		}
		if build(t, string(changed), account, seed).Root() == base {
			t.Errorf("%s → %s leaves the commitment as it was", change[0], change[1])
		}
	}
	if build(t, sale, [16]byte{4}, seed).Root() == base {
		t.Error("another account leaves the commitment as it was")
	}
	if build(t, sale, account, [32]byte{1}).Root() == base {
		t.Error("another seed leaves the commitment as it was")
	}
	elsewhere := commitment.Facts{RetailerID: "other", Account: account, Reference: reference}
	other, err := commitment.Build(decode(t, sale), elsewhere, commitment.Derive(seed))
	if err != nil || other.Root() == base {
		t.Errorf("another retailer leaves the commitment as it was (%v)", err)
	}
}

func TestOpening(t *testing.T) {
	for _, text := range []string{sale, control, withLines(t, 61), withLines(t, 300)} {
		tree := build(t, text, account, seed)
		opening := tree.Open(decode(t, text), facts(account), commitment.Derive(seed))
		if opening.Root() != tree.Root() {
			t.Fatal("an opening does not lead to its own commitment")
		}
		for name, change := range map[string]func(o *commitment.Opening){
			"account":      func(o *commitment.Opening) { o.Account[0]++ },
			"entry id":     func(o *commitment.Opening) { o.EntryID[15]++ },
			"amount":       func(o *commitment.Opening) { o.Eligible++ },
			"sign":         func(o *commitment.Opening) { o.Eligible = -o.Eligible - 1 },
			"currency":     func(o *commitment.Opening) { o.Currency = "USD" },
			"business day": func(o *commitment.Opening) { o.BusinessDay = "2026-03-02" },
			"reference":    func(o *commitment.Opening) { o.Reference[0]++ },
			"undoes":       func(o *commitment.Opening) { o.Undoes = append(o.Undoes, commitment.Undo{Amount: -1}) },
			"redemptions":  func(o *commitment.Opening) { o.Redemptions = append(o.Redemptions, commitment.Redemption{Points: 1}) },
			"salt":         func(o *commitment.Opening) { o.Salts[2][31]++ },
			"reserved":     func(o *commitment.Opening) { o.Reserved[0]++ },
			"sibling":      func(o *commitment.Opening) { o.Siblings[1][0]++ },
			"one less":     func(o *commitment.Opening) { o.Siblings = o.Siblings[:len(o.Siblings)-1] },
		} {
			forged := *opening
			forged.Siblings = append([][32]byte(nil), opening.Siblings...)
			change(&forged)
			if forged.Root() == tree.Root() {
				t.Errorf("%s may be forged", name)
			}
		}
	}
}

func TestPathsDoNotTellTheSizeOfUsualBaskets(t *testing.T) {
	secrets := commitment.Derive(seed)
	for _, lines := range []int{1, 10, 45} {
		text := withLines(t, lines)
		if got := len(build(t, text, account, seed).Open(decode(t, text), facts(account), secrets).Siblings); got != 3 {
			t.Errorf("%d lines: a path of %d siblings, want 3", lines, got)
		}
	}
}

func TestTheTradePartAndTheHashesOfPersonLeavesGiveTheSameCommitment(t *testing.T) {
	whole, secrets := decode(t, sale), commitment.Derive(seed)
	trade := commitment.Trade(whole)
	for _, secret := range []string{"4711", "op 9", "auth 55"} {
		if bytes.Contains(trade.Canonical(), []byte(secret)) {
			t.Errorf("the trade part tells %q", secret)
		}
	}
	tree, err := commitment.BuildTrade(trade, facts([16]byte{}), commitment.HashPerson(whole, account, secrets.Person), secrets.Trade)
	if err != nil {
		t.Fatal(err)
	}
	if tree.Root() != build(t, sale, account, seed).Root() {
		t.Error("the commitment cannot be computed again without the person")
	}
	if whole.LoyaltyID != "4711" || whole.Tenders[1].Reference != "auth 55" {
		t.Error("taking the trade part changed the ticket")
	}
}

func BenchmarkBuild(b *testing.B) {
	whole, secrets := decode(b, withLines(b, 10)), commitment.Derive(seed)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := commitment.Build(whole, facts(account), secrets); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpeningRoot(b *testing.B) {
	text := withLines(b, 10)
	opening := build(b, text, account, seed).Open(decode(b, text), facts(account), commitment.Derive(seed))
	b.ReportAllocs()
	for b.Loop() {
		opening.Root()
	}
}
