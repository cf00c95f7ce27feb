package tiles

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Path is what a client asks for: a tile of hashes or a bundle of entries, whole or its first so many.
type Path struct {
	ID          // of a bundle of entries the level is -1
	Partial int // how many hashes or entries; Width: all of a full one
}

// Entries is the level in a Path that asks for entries instead of hashes.
const Entries = -1

// ParsePath reads the part of a tlog-tiles address behind "tile/": <L>/<N>[.p/<W>] or entries/<N>[.p/<W>], where N is
// written in groups of three digits, all but the last behind an x, such as x001/x234/067.
func ParsePath(path string) (Path, error) {
	level, rest, _ := strings.Cut(path, "/")
	if level == "entries" {
		level = "data"
	} else if n, err := strconv.Atoi(level); err != nil || n < 0 || n > 5 {
		return Path{}, fmt.Errorf("there is no level %.10q", level)
	}
	tile, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s/%s", Height, level, rest))
	if err != nil {
		return Path{}, fmt.Errorf("%.80q is not the address of a tile", path)
	}
	return Path{ID{tile.L, tile.N}, tile.W}, nil
}

// String gives the address behind "tile/".
func (p Path) String() string {
	text := tlog.Tile{H: Height, L: p.Level, N: p.Index, W: p.Partial}.Path()
	text = strings.TrimPrefix(text, "tile/8/")
	if rest, ok := strings.CutPrefix(text, "data/"); ok {
		return "entries/" + rest
	}
	return text
}
