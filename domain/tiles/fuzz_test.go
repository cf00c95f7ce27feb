package tiles_test

import (
	"testing"

	"github.com/tillproof/tillproof/domain/tiles"
)

// An address that is taken has one form, so that caches keep a tile once.
func FuzzParsePath(f *testing.F) {
	for _, path := range []string{"0/000", "1/x001/067.p/5", "entries/x001/x234/067", "", "6/000", "0/x000/000.p/256"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if path, err := tiles.ParsePath(text); err == nil && path.String() != text {
			t.Errorf("%q has a second form %q", text, path)
		}
	})
}
