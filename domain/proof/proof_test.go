package proof_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/anchor/anchortest"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/proof"
)

var update = flag.Bool("update", false, "write the golden bundles anew; a changed one breaks every verifier there is")

// The golden bundles and the keys that verify them: three of version 1, and three of version 2, whose anchor is none, older
// and newer than the checkpoint.
func golden(t testing.TB) map[string]*proof.Bundle {
	return map[string]*proof.Bundle{
		"whole.json":    first(bundle(t, sale, 1000, 617, whole)),
		"line.json":     first(bundle(t, sale, 1000, 999, oneLine)),
		"first.json":    first(bundle(t, withLines(20), 1, 0, whole)),
		"pending.json":  bundle(t, sale, 1000, 617, whole),
		"anchored.json": anchoredBundle(t, sale, 1000, 617, 700, whole),
		"newer.json":    anchoredBundle(t, sale, 1000, 999, 1500, oneLine),
	}
}

func TestBundlesAreWhatTheyWere(t *testing.T) {
	files := map[string][]byte{
		"operator.key": []byte(operator.Key.String() + "\n"),
		"witness.key":  []byte(witness.Key.String() + "\n"),
		"ethereum.key": fmt.Appendf(nil, "%d %s %s %s\n", anchortest.Trust.ChainID, anchortest.Trust.Contract, anchortest.Trust.Retail, anchortest.Trust.Brands),
	}
	for name, b := range golden(t) {
		files[name] = must(b.Encode())
	}
	for name, got := range files {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := must(os.ReadFile(path)); !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestGoodBundles(t *testing.T) {
	for name, want := range map[string]string{
		"whole.json": `{"businessDayDate":"2026-03-01","currencyCode":"EUR","eligible":{"amount":1200,"currencyCode":"EUR"},` +
			`"endDateTime":"2026-03-01T10:15:00+01:00","lines":[` +
			`{"description":"Käse \"alt\" \\ € 😀","extendedAmount":1000,"itemId":"A","quantity":"0.742","sequenceNumber":1},` +
			`{"extendedAmount":299,"itemId":"B","quantity":"2","sequenceNumber":2,"tax":{"amount":20,"categoryCode":"S","rateBasisPoints":700,"taxableAmount":279}},` +
			`{"extendedAmount":-99,"itemId":"A","quantity":"-1","returnOf":{"sequenceNumber":4,"transactionId":"018f3e6a-0000-7000-8000-000000000000"},"sequenceNumber":4}],` +
			`"loyaltyId":"member 4711","operatorId":"operator 9","retailerId":"main","schemaVersion":"1","sequenceNumber":7,"storeId":"Nord 1",` +
			`"tenderReferences":[null,"auth 55"],"tenders":[{"amount":200,"tenderType":"Cash"},{"amount":1000,"tenderType":"Card"}],` +
			`"totals":{"grand":1200},"transactionId":"018f3e6a-0000-7000-8000-000000000001","transactionType":"Sale","workstationId":"2"}`,
		"line.json": `{"businessDayDate":"2026-03-01","currencyCode":"EUR","lines":[` +
			`{"extendedAmount":299,"itemId":"B","quantity":"2","tax":{"amount":20,"categoryCode":"S","rateBasisPoints":700,"taxableAmount":279}}],` +
			`"retailerId":"main","storeId":"Nord 1"}`,
	} {
		decoded, err := proof.Decode(must(os.ReadFile(filepath.Join("testdata", name))))
		if err != nil {
			t.Fatal(err)
		}
		verified, err := proof.Verify(decoded, trust)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(verified.Shown) != want {
			t.Errorf("%s shows\n%s\nwant\n%s", name, verified.Shown, want)
		}
		if verified.Witnessed.IsZero() || len(verified.Steps) != 5 || verified.Anchored != nil {
			t.Errorf("%s: witnessed %v, steps %v", name, verified.Witnessed, verified.Steps)
		}
	}
}

func TestALineTellsNothingElse(t *testing.T) {
	encoded := must(anchoredBundle(t, sale, 1000, 999, 1500, oneLine).Encode())
	for _, secret := range []string{"Käse", "4711", "operator", "1200", "auth", "018f3e6a", "Cash", "eligible", "account", "entryId", "lineItems"} {
		if bytes.Contains(encoded, []byte(secret)) {
			t.Errorf("the proof of one line tells %q", secret)
		}
	}
}

// verify is all that a verifier does.
func verify(encoded []byte, trust proof.Trust) error {
	decoded, err := proof.Decode(encoded)
	if err != nil {
		return err
	}
	_, err = proof.Verify(decoded, trust)
	return err
}

func TestForgedBundles(t *testing.T) {
	stranger := must(checkpoint.NewOperator("example.org/tickets", [32]byte{3}))
	elsewhere := must(checkpoint.NewOperator("elsewhere.example/tickets", [32]byte{1}))
	resign := func(b *proof.Bundle, lines func(c checkpoint.Checkpoint) string) {
		signed, _, err := checkpoint.Open(b.Checkpoint, operator.Key, witness.Key)
		if err != nil {
			t.Fatal(err)
		}
		b.Checkpoint = lines(signed)
	}
	for name, forge := range map[string]func(b *proof.Bundle){
		"signed by another key": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string { return stranger.Sign(c) + witness.Line(c) })
		},
		"not witnessed": func(b *proof.Bundle) { resign(b, operator.Sign) },
		"witnessed twice": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string { return operator.Sign(c) + witness.Line(c) + witness.Line(c) })
		},
		"witness first": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string { return c.Text() + "\n" + witness.Line(c) + operator.Line(c) })
		},
		"another log": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string {
				c.Origin = "elsewhere.example/tickets"
				return elsewhere.Sign(c) + witness.Line(c)
			})
		},
		"another root": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string { c.Root[0]++; return operator.Sign(c) + witness.Line(c) })
		},
		"another size": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string { c.Size += 1000; return operator.Sign(c) + witness.Line(c) })
		},
		"size of one": func(b *proof.Bundle) {
			resign(b, func(c checkpoint.Checkpoint) string { c.Size = 1; return operator.Sign(c) + witness.Line(c) })
		},
		"unsigned":         func(b *proof.Bundle) { b.Checkpoint, _, _ = strings.Cut(b.Checkpoint, "\n\n") },
		"empty checkpoint": func(b *proof.Bundle) { b.Checkpoint = "" },
		"index":            func(b *proof.Bundle) { b.Index-- },
		"negative index":   func(b *proof.Bundle) { b.Index = -1 },
		"channel":          func(b *proof.Bundle) { b.Channel = "tickets2" },
		"no channel":       func(b *proof.Bundle) { b.Channel = "" },
		"long channel":     func(b *proof.Bundle) { b.Channel = strings.Repeat("x", 65536+7) },
		"ticket key":       func(b *proof.Bundle) { b.TicketKey[0]++ },
		"long path":        func(b *proof.Bundle) { b.Path = append(b.Path, b.Path...) },
		"short path":       func(b *proof.Bundle) { b.Path = b.Path[1:] },
		"value":            func(b *proof.Bundle) { b.Ticket.Shown[0].Value = []byte(`"2026-03-02"`) },
	} {
		forged := bundle(t, sale, 1000, 999, oneLine)
		forge(forged)
		if encoded, err := forged.Encode(); err == nil && verify(encoded, trust) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What the retailer commits may contradict itself, and then a proof of both sides fails.
func TestContradictions(t *testing.T) {
	leaf := func(position int, label, value string) commitment.PlacedLeaf {
		return commitment.PlacedLeaf{Position: position, Leaf: commitment.Leaf{Label: label, Value: []byte(value)}}
	}
	for name, shown := range map[string][]commitment.PlacedLeaf{
		"two stores":          {leaf(9, "storeId", `"1"`), leaf(10, "storeId", `"2"`)},
		"other eligible":      {leaf(2, "eligible", `{"amount":5,"currencyCode":"EUR"}`), leaf(9, "totals", `{"grand":6}`)},
		"other currency":      {leaf(2, "eligible", `{"amount":5,"currencyCode":"EUR"}`), leaf(9, "currencyCode", `"CHF"`)},
		"line beside index":   {leaf(9, "line", `{"itemId":"A"}`), leaf(10, "lineItems", `[]`)},
		"eligible is a text":  {leaf(2, "eligible", `"5"`)},
		"lineItems is a text": {leaf(9, "lineItems", `"5"`)},
	} {
		if _, err := proof.Assemble(shown); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestWithoutAWitnessTheOperatorAloneIsTrusted(t *testing.T) {
	b := bundle(t, sale, 10, 3, whole)
	if err := verify(must(b.Encode()), proof.Trust{Operator: operator.Key}); err == nil {
		t.Error("a signature that nobody checked was accepted")
	}
	b.Checkpoint = b.Checkpoint[:strings.LastIndex(b.Checkpoint, "— ")]
	verified, err := proof.Verify(b, proof.Trust{Operator: operator.Key})
	if err != nil {
		t.Fatal(err)
	}
	if !says(verified, "word alone") {
		t.Errorf("what is somebody's word is not called so: %v", verified.Steps)
	}
}

// says tells whether one of the steps does.
func says(v *proof.Verified, words string) bool {
	return slices.ContainsFunc(v.Steps, func(s proof.Step) bool { return strings.Contains(s.Checked+s.Means, words) })
}

func FuzzDecode(f *testing.F) {
	for _, b := range golden(f) {
		f.Add(must(b.Encode()))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		b, err := proof.Decode(encoded)
		if err != nil {
			return
		}
		proof.Verify(b, trust) // must not panic
		if again := must(b.Encode()); !bytes.Equal(again, encoded) {
			t.Errorf("a bundle has two forms:\n%s\n%s", encoded, again)
		}
	})
}
