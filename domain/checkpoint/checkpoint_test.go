package checkpoint_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
)

var (
	root = tlog.RecordHash([]byte("root"))
	some = checkpoint.Checkpoint{Origin: "example.org/tickets", Size: 42, Root: root}
	at   = time.Unix(1_772_000_000, 0)
)

func newSigners(t testing.TB) (operator, witness *checkpoint.Signer) {
	t.Helper()
	operator, err := checkpoint.NewOperator("example.org/tickets", [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	witness, err = checkpoint.NewWitness("brands.example/witness", [32]byte{2}, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	return operator, witness
}

func TestSignedAndWitnessed(t *testing.T) {
	operator, witness := newSigners(t)
	signed := operator.Sign(some) + witness.Line(some)
	got, witnessed, err := checkpoint.Open(signed, operator.Key, witness.Key)
	if err != nil || got != some || !witnessed.Equal(at) {
		t.Errorf("%+v at %v, %v", got, witnessed, err)
	}
	if n := checkpoint.Signatures(signed); n != 2 {
		t.Errorf("%d signatures", n)
	}
}

// The note package of Go's own checksum database reads what the operator signs.
func TestTheOperatorSignsAsOthersDo(t *testing.T) {
	operator, witness := newSigners(t)
	verifier, err := note.NewVerifier(operator.Key.String())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open([]byte(operator.Sign(some)+witness.Line(some)), note.VerifierList(verifier))
	if err != nil || opened.Text != some.Text() || len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 1 {
		t.Errorf("%+v, %v", opened, err)
	}
}

func TestKeysAreReadBack(t *testing.T) {
	operator, witness := newSigners(t)
	for _, key := range []checkpoint.Key{operator.Key, witness.Key} {
		if again, err := checkpoint.ParseKey(key.String() + "\n"); err != nil || again != key {
			t.Errorf("%v: %v", key, err)
		}
		for _, bad := range []string{"", "x", strings.Replace(key.String(), ".", ",", 1), key.String()[:40], "a+b+c", strings.ReplaceAll(key.String(), "+", " ")} {
			if _, err := checkpoint.ParseKey(bad); err == nil {
				t.Errorf("%q is taken for a key", bad)
			}
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a\nb", "ä"} {
		if _, err := checkpoint.NewOperator(name, [32]byte{1}); err == nil {
			t.Errorf("%q may name a log", name)
		}
	}
}

func TestBadTexts(t *testing.T) {
	good := some.Text()
	if got, err := checkpoint.Parse(good); err != nil || got != some {
		t.Fatal(got, err)
	}
	for _, bad := range []string{"", "\n", good[:len(good)-1], good + "extension\n", strings.Replace(good, "42", "042", 1), strings.Replace(good, "42", "-1", 1),
		strings.Replace(good, "42", "99999999999999999999", 1), strings.Replace(good, "example.org/tickets", "", 1), strings.Replace(good, "=", "", 1)} {
		if got, err := checkpoint.Parse(bad); err == nil {
			t.Errorf("%q is taken for %+v", bad, got)
		}
	}
}

func TestWhatIsNotOpened(t *testing.T) {
	operator, witness := newSigners(t)
	for name, signed := range map[string]string{
		"nothing":                       "",
		"only text":                     some.Text(),
		"no signature":                  some.Text() + "\n",
		"no line feed":                  strings.TrimSuffix(operator.Sign(some), "\n"),
		"cut short":                     operator.Sign(some)[:80] + "\n",
		"twice":                         operator.Sign(some) + operator.Line(some),
		"a cosignature for a signature": some.Text() + "\n" + witness.Line(some),
		"behind":                        operator.Sign(some) + "\n",
	} {
		if _, _, err := checkpoint.OpenExactly(signed, operator.Key); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, _, err := checkpoint.Open(operator.Sign(some)+witness.Line(some), operator.Key); err != nil {
		t.Errorf("a signature by somebody unknown is in the way: %v", err)
	}
	if _, _, err := checkpoint.OpenExactly(some.Text()+"\n"+witness.Line(some)+operator.Line(some), operator.Key, witness.Key); err == nil {
		t.Error("opened with signatures out of order")
	}
	if _, _, err := checkpoint.Open(operator.Sign(some), operator.Key, witness.Key); err == nil {
		t.Error("opened without the witness's signature")
	}
	if _, _, err := checkpoint.Open(operator.Sign(some)); err == nil {
		t.Error("opened without a key")
	}
	if _, _, err := checkpoint.Open(some.Text()+"\n"+witness.Line(some), witness.Key); err == nil {
		t.Error("a witness stands for the operator")
	}
}
