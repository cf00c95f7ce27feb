package anchortest

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/tillproof/tillproof/domain/ethereum"
)

// The encodings that package ethereum only reads, written the plain way.

func text(content []byte) []byte {
	if len(content) == 1 && content[0] < 0x80 {
		return content
	}
	return append(prefix(0x80, len(content)), content...)
}

func list(items ...[]byte) []byte {
	content := bytes.Join(items, nil)
	return append(prefix(0xc0, len(content)), content...)
}

func number(n uint64) []byte {
	return text(bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, n), "\x00"))
}

func prefix(base byte, length int) []byte {
	if length < 56 {
		return []byte{base + byte(length)}
	}
	digits := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, uint64(length)), "\x00")
	return append([]byte{base + 55 + byte(len(digits))}, digits...)
}

// An entry of a trie, under what is left of its path.
type entry struct {
	path  []byte // half bytes
	value []byte
}

// trieOf makes the entries of a block's trie.
func trieOf(values [][]byte) []entry {
	var entries []entry
	for i, value := range values {
		var path []byte
		for _, b := range number(uint64(i)) {
			path = append(path, b>>4, b&0xf)
		}
		entries = append(entries, entry{path, value})
	}
	return entries
}

// node encodes the node over the entries, none of which is shorter than a hash.
func node(entries []entry) []byte {
	common := entries[0].path
	for _, e := range entries[1:] {
		for !bytes.HasPrefix(e.path, common) {
			common = common[:len(common)-1]
		}
	}
	switch {
	case len(entries) == 1:
		return list(text(compact(common, 2)), text(entries[0].value))
	case len(common) > 0:
		child := ethereum.Keccak(node(under(entries, common)))
		return list(text(compact(common, 0)), text(child[:]))
	}
	var items [][]byte
	for nibble := range byte(16) {
		if below := under(entries, []byte{nibble}); below != nil {
			child := ethereum.Keccak(node(below))
			items = append(items, text(child[:]))
		} else {
			items = append(items, text(nil))
		}
	}
	return list(append(items, text(nil))...)
}

// under gives the entries whose path begins so, without that beginning.
func under(entries []entry, beginning []byte) []entry {
	var below []entry
	for _, e := range entries {
		if rest, ok := bytes.CutPrefix(e.path, beginning); ok {
			below = append(below, entry{rest, e.value})
		}
	}
	return below
}

// compact is the hex-prefix form of a path.
func compact(path []byte, leaf byte) []byte {
	halves := append([]byte{leaf, 0}, path...)
	if len(path)%2 == 1 {
		halves = append([]byte{leaf + 1}, path...)
	}
	var packed []byte
	for pair := range slices.Chunk(halves, 2) {
		packed = append(packed, pair[0]<<4|pair[1])
	}
	return packed
}

// prove gives the nodes from the root to an entry.
func prove(entries []entry, path []byte) [][]byte {
	proof := [][]byte{node(entries)}
	for len(entries) > 1 {
		shared := len(entries[0].path)
		for _, e := range entries {
			for !bytes.HasPrefix(e.path, entries[0].path[:shared]) {
				shared--
			}
		}
		shared = max(shared, 1)
		entries, path = under(entries, path[:shared]), path[shared:]
		proof = append(proof, node(entries))
	}
	return proof
}
