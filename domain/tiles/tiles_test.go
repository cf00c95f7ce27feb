package tiles_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/tiles"
)

func leaf(i int64) tlog.Hash {
	return tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(i)))
}

// store keeps tiles as a database would.
type store map[tiles.ID][]byte

func (s store) read(ids []tiles.ID) (map[tiles.ID][]byte, error) {
	found := make(map[tiles.ID][]byte)
	for _, id := range ids {
		if hashes, ok := s[id]; ok {
			found[id] = hashes
		}
	}
	return found, nil
}

// grow appends up to a size, and gives the root.
func (s store) grow(t testing.TB, from, to int64) tlog.Hash {
	t.Helper()
	appender, err := tiles.NewAppender(from, s.read)
	if err != nil {
		t.Fatal(err)
	}
	var leaves []tlog.Hash
	for i := from; i < to; i++ {
		leaves = append(leaves, leaf(i))
	}
	for _, tile := range appender.Append(leaves) {
		if len(s[tile.ID]) == tiles.Width*tlog.HashSize {
			t.Errorf("full tile %v was written again", tile.ID)
		}
		s[tile.ID] = tile.Hashes
	}
	root, err := appender.Root()
	if err != nil || appender.Size() != to {
		t.Fatalf("size %d: %v", appender.Size(), err)
	}
	return root
}

// reference is RFC 6962's own definition.
func reference(from, to int64) tlog.Hash {
	switch n := to - from; n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaf(from)
	default:
		k := int64(1)
		for k*2 < n {
			k *= 2
		}
		return tlog.NodeHash(reference(from, from+k), reference(from+k, to))
	}
}

func TestRootsAreThoseOfRFC6962(t *testing.T) {
	s, size := store{}, int64(0)
	for _, next := range []int64{0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 1000, 65535, 65536, 65537, 65792, 66000} {
		if got, want := s.grow(t, size, next), reference(0, next); got != want {
			t.Fatalf("size %d: root %v, want %v", next, got, want)
		}
		size = next
	}
}

func TestEveryEntryIsProvenAtEverySize(t *testing.T) {
	s := store{}
	s.grow(t, 0, 700)
	reader := tiles.Reader(s.read)
	for size := int64(1); size <= 700; size += 1 + rand.Int64N(40) {
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			index := rand.Int64N(size)
			path, err := tlog.ProveRecord(size, index, reader)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(path, size, root, index, leaf(index)); err != nil {
				t.Fatalf("entry %d of %d: %v", index, size, err)
			}
		}
		if consistency, err := tlog.ProveTree(700, size, reader); err != nil {
			t.Fatal(err)
		} else if now, _ := tlog.TreeHash(700, reader); tlog.CheckTree(consistency, 700, now, size, root) != nil {
			t.Fatalf("size %d is not proven to be a beginning of size 700", size)
		}
	}
}

// A crash may leave tiles that are ahead of the size; what is ahead does not count.
func TestTilesAheadOfTheSizeAreIgnored(t *testing.T) {
	s := store{}
	s.grow(t, 0, 300)
	appender, err := tiles.NewAppender(290, s.read)
	if err != nil {
		t.Fatal(err)
	}
	if root, _ := appender.Root(); root != reference(0, 290) {
		t.Error("the root holds entries beyond the size")
	}
}

func TestMissingTilesAreRefused(t *testing.T) {
	s := store{}
	s.grow(t, 0, 300)
	delete(s, tiles.ID{Level: 0, Index: 1})
	if _, err := tiles.NewAppender(300, s.read); err == nil {
		t.Error("a log is continued whose last tile is missing")
	}
	if _, err := tlog.ProveRecord(300, 299, tiles.Reader(s.read)); err == nil {
		t.Error("an entry is proven whose tile is missing")
	}
}

func TestPaths(t *testing.T) {
	for text, want := range map[string]tiles.Path{
		"0/000":                {tiles.ID{Level: 0, Index: 0}, 256},
		"0/x001/x234/067":      {tiles.ID{Level: 0, Index: 1234067}, 256},
		"1/003.p/17":           {tiles.ID{Level: 1, Index: 3}, 17},
		"entries/x001/000":     {tiles.ID{Level: tiles.Entries, Index: 1000}, 256},
		"entries/x001/000.p/1": {tiles.ID{Level: tiles.Entries, Index: 1000}, 1},
	} {
		got, err := tiles.ParsePath(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %v %q, %v", text, got, got.String(), err)
		}
	}
	for _, text := range []string{"", "0", "0/", "0/0", "0/00", "x/000", "-1/000", "6/000", "0/000.p/0", "0/000.p/256", "0/000.p/257", "0/001/000",
		"0/000.p/", "data/000", "0/000/", "00/000", "0/x000/001", "entries", "0/../000", "0/x999/x999/x999/x999/x999/x999/999"} {
		if got, err := tiles.ParsePath(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

// The cost of appending does not grow with the log.
func BenchmarkAppend500(b *testing.B) {
	leaves := make([]tlog.Hash, 500)
	for _, size := range []int64{0, 1_000_000} {
		b.Run(fmt.Sprint("at ", size), func(b *testing.B) {
			s := store{}
			for _, id := range tiles.Edge(size) {
				s[id] = make([]byte, tiles.Width*tlog.HashSize)
			}
			for b.Loop() {
				appender, err := tiles.NewAppender(size, s.read)
				if err != nil {
					b.Fatal(err)
				}
				appender.Append(leaves)
				if _, err := appender.Root(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
