package ticket_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/ticket"
)

// TestCanonicalGolden holds the bytes that are on ledgers already. If it fails
// the code is wrong, not the files: recorded commitments rest on them, so
// there is no flag to write them anew.
func TestCanonicalGolden(t *testing.T) {
	inputs, err := filepath.Glob("testdata/*.json")
	if err != nil || len(inputs) < 4 {
		t.Fatalf("golden files: found %d (%v)", len(inputs), err)
	}
	for _, input := range inputs {
		text, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(input, ".json") + ".canonical")
		if err != nil {
			t.Fatal(err)
		}
		decoded := decode(t, string(text))
		if got := decoded.Canonical(); !bytes.Equal(got, want) {
			t.Errorf("%s:\ngot  %s\nwant %s", input, got, want)
		}
		if found := decoded.Check(arrival); len(found) > 0 {
			t.Errorf("%s: %+v", input, found)
		}
		assertCanonical(t, decoded)
	}
}

// assertCanonical fails unless the canonical bytes are what another
// canonicaliser of RFC 8785 makes of them, and decode to the same ticket.
func assertCanonical(t testing.TB, decoded *ticket.Ticket) {
	t.Helper()
	canonical := decoded.Canonical()
	other := jsontext.Value(bytes.Clone(canonical))
	if err := other.Canonicalize(); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, canonical)
	}
	if !bytes.Equal(canonical, other) {
		t.Fatalf("not RFC 8785:\ngot  %s\nwant %s", canonical, other)
	}
	again, err := ticket.Decode(canonical)
	if err != nil {
		t.Fatalf("canonical bytes refused: %v\n%s", err, canonical)
	}
	if !reflect.DeepEqual(again, decoded) {
		t.Fatalf("decoded again:\ngot  %+v\nwant %+v", again, decoded)
	}
}

// TestCanonicalText has each character that may need an escape, by itself.
func TestCanonicalText(t *testing.T) {
	texts := []string{`"`, `\`, "/", "<", "\x7f", "\u0080", "\u2028", "\ufeff", "\ufffd", "\U0001f600", "\U0010ffff"}
	for control := rune(1); control < ' '; control++ {
		texts = append(texts, string(control))
	}
	for _, text := range texts {
		decoded := decode(t, edit(t, sale, "lineItems/0/description", text))
		if got := decoded.LineItems[0].Description; got != text {
			t.Errorf("%q was read as %q", text, got)
		}
		assertCanonical(t, decoded)
	}
}

func TestAppendCanonicalAppends(t *testing.T) {
	decoded := decode(t, sale)
	if got := string(decoded.AppendCanonical([]byte("x"))); got != "x"+string(decoded.Canonical()) {
		t.Errorf("got %s", got)
	}
}
