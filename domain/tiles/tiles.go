// Package tiles keeps the hashes of an append-only Merkle log (RFC 6962, section 2.1) in tiles, as C2SP tlog-tiles has
// them.
//
// A tile of level L and index N holds up to 256 hashes of 32 bytes: those of the complete subtrees of 256^L entries, from
// the (256 N)-th on. A full tile never changes. A log of n entries has n >> 8L hashes on level L, so appending touches the
// last tile of each level alone, and the path of any entry takes one tile a level: three for sixteen million entries.
package tiles

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Height of a tile, and the number of hashes in a full one.
const (
	Height = 8
	Width  = 1 << Height
)

// ID names a tile.
type ID struct {
	Level int
	Index int64
}

// A Tile is what is to be stored of one: all of its hashes up to now.
type Tile struct {
	ID
	Hashes []byte
}

// Edge gives the tiles that a log of so many entries has not yet filled.
func Edge(size int64) []ID {
	var ids []ID
	for level := 0; size > 0; level++ {
		if size%Width > 0 {
			ids = append(ids, ID{level, size / Width})
		}
		size /= Width
	}
	return ids
}

// An Appender is a log's right edge, all that appending needs.
type Appender struct {
	size   int64
	levels []column
}

// A column is the last tile of a level.
type column struct {
	index   int64
	hashes  []tlog.Hash
	changed bool
}

// NewAppender goes on with a log of so many entries. read gives the tiles of its Edge; what they hold beyond the size is
// ignored.
func NewAppender(size int64, read func(ids []ID) (map[ID][]byte, error)) (*Appender, error) {
	stored, err := read(Edge(size))
	if err != nil {
		return nil, err
	}
	a := &Appender{size: size}
	for level, count := 0, size; count > 0; level, count = level+1, count/Width {
		c := column{index: count / Width}
		bytes := stored[ID{level, c.index}]
		if int64(len(bytes)) < count%Width*tlog.HashSize {
			return nil, fmt.Errorf("tile %d of level %d has not the hashes of a log of %d entries", c.index, level, size)
		}
		for range count % Width {
			c.hashes, bytes = append(c.hashes, tlog.Hash(bytes)), bytes[tlog.HashSize:]
		}
		a.levels = append(a.levels, c)
	}
	return a, nil
}

// Size is the number of entries.
func (a *Appender) Size() int64 { return a.size }

// Append adds leaf hashes, and gives the tiles that this changed.
func (a *Appender) Append(leaves []tlog.Hash) []Tile {
	var changed []Tile
	for _, leaf := range leaves {
		changed = a.push(0, leaf, changed)
		a.size++
	}
	for level := range a.levels {
		if c := &a.levels[level]; c.changed {
			changed = append(changed, c.tile(level))
			c.changed = false
		}
	}
	return changed
}

// push adds a hash to a level. A tile that it fills is done with, and its root goes one level up.
func (a *Appender) push(level int, hash tlog.Hash, full []Tile) []Tile {
	if level == len(a.levels) {
		a.levels = append(a.levels, column{})
	}
	c := &a.levels[level]
	c.hashes, c.changed = append(c.hashes, hash), true
	if len(c.hashes) < Width {
		return full
	}
	full = append(full, c.tile(level))
	root := rootOf(c.hashes)
	a.levels[level] = column{index: c.index + 1}
	return a.push(level+1, root, full)
}

func (c *column) tile(level int) Tile {
	t := Tile{ID: ID{level, c.index}, Hashes: make([]byte, 0, len(c.hashes)*tlog.HashSize)}
	for i := range c.hashes {
		t.Hashes = append(t.Hashes, c.hashes[i][:]...)
	}
	return t
}

// rootOf is the root over a full tile.
func rootOf(hashes []tlog.Hash) tlog.Hash {
	level := append([]tlog.Hash(nil), hashes...)
	for ; len(level) > 1; level = level[:len(level)/2] {
		for i := range len(level) / 2 {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
	}
	return level[0]
}

// Root is the log's root.
func (a *Appender) Root() (tlog.Hash, error) {
	edge := make(map[ID][]byte, len(a.levels))
	for level := range a.levels {
		tile := a.levels[level].tile(level)
		edge[tile.ID] = tile.Hashes
	}
	return tlog.TreeHash(a.size, Reader(func([]ID) (map[ID][]byte, error) { return edge, nil }))
}

// Reader gives the hashes that package tlog asks for, out of tiles that read fetches, all of a question at once.
func Reader(read func(ids []ID) (map[ID][]byte, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		ids := make([]ID, 0, len(indexes))
		asked := make(map[ID]bool, len(indexes))
		for _, index := range indexes {
			tile := tlog.TileForIndex(Height, index)
			if id := (ID{tile.L, tile.N}); !asked[id] {
				asked[id] = true
				ids = append(ids, id)
			}
		}
		stored, err := read(ids)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			tile := tlog.TileForIndex(Height, index)
			bytes := stored[ID{tile.L, tile.N}]
			if len(bytes) < tile.W*tlog.HashSize {
				return nil, fmt.Errorf("tile %d of level %d has %d bytes, %d are needed", tile.N, tile.L, len(bytes), tile.W*tlog.HashSize)
			}
			if hashes[i], err = tlog.HashFromTile(tile, bytes[:tile.W*tlog.HashSize], index); err != nil {
				return nil, err
			}
		}
		return hashes, nil
	})
}
