package api_test

import (
	"slices"
	"testing"

	"github.com/tillproof/tillproof/collector/api"
)

// Whatever a caller sends as a cursor is refused, or is a key that PostgreSQL can hold and that says the same again.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "W10", "WyJhIl0", "WyJhIiwiYiJd", "bnVsbA", "WyJcdTAwMDAiXQ", "//", "WzFd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, ok := api.DecodeCursor(text)
		if !ok {
			return
		}
		again, ok := api.DecodeCursor(api.EncodeCursor(key))
		if len(key) == 0 || !ok || !slices.Equal(key, again) {
			t.Errorf("%q is %q, and written again %q", text, key, again)
		}
	})
}
