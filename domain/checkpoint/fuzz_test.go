package checkpoint_test

import (
	"testing"

	"github.com/tillproof/tillproof/domain/checkpoint"
)

// What is taken has one form, and is only taken with the signatures of the keys that were asked for.
func FuzzOpen(f *testing.F) {
	operator, witness := newSigners(f)
	signed := operator.Sign(some) + witness.Line(some)
	f.Add(signed, operator.Key.String())
	f.Add(some.Text(), witness.Key.String())
	f.Add("", "")
	f.Fuzz(func(t *testing.T, text, key string) {
		if c, err := checkpoint.Parse(text); err == nil && c.Text() != text {
			t.Errorf("%q has a second form %q", text, c.Text())
		}
		if k, err := checkpoint.ParseKey(key); err == nil && k.String() != key {
			t.Errorf("%q has a second form %q", key, k.String())
		}
		if c, _, err := checkpoint.Open(text, operator.Key, witness.Key); err == nil && c != some {
			t.Errorf("%q is taken, which was never signed", text)
		}
	})
}
