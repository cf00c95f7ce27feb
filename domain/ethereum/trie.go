package ethereum

import (
	"bytes"
	"errors"
	"fmt"
)

// Errors of a proof in a trie.
var (
	errNode = errors.New("a node of the proof is not the one that its parent, or the block, names")
	errPath = errors.New("the proof does not lead to the place it should")
)

// Lookup follows a proof in one of a block's tries (Merkle-Patricia) to the item of this index, which it gives. The nodes
// are the encoded ones from the root to the item, all of them and no other.
//
// Nodes that are small enough to stand within their parents do not occur: receipts and transactions are longer.
func Lookup(root Hash, index uint64, nodes [][]byte) ([]byte, error) {
	path := nibbles(encodeIndex(index))
	wanted := root
	for i, node := range nodes {
		if Keccak(node) != wanted {
			return nil, fmt.Errorf("node %d: %w", i, errNode)
		}
		items, err := decodeList(node)
		if err != nil {
			return nil, fmt.Errorf("node %d: %w", i, err)
		}
		var item value
		var leaf bool
		if item, path, leaf, err = descend(items, path); err != nil {
			return nil, fmt.Errorf("node %d: %w", i, err)
		}
		if leaf {
			if i < len(nodes)-1 || item.list {
				return nil, errPath
			}
			return item.content, nil
		}
		if wanted, err = item.hash(); err != nil {
			return nil, fmt.Errorf("node %d: %w", i, errPath)
		}
	}
	return nil, errPath
}

// descend goes one node down. It gives the child, the path that is left, and whether the child is the item.
func descend(node []value, path []byte) (child value, left []byte, leaf bool, err error) {
	const branch, extensionOrLeaf = 17, 2
	switch {
	case len(node) == branch && len(path) > 0:
		return node[path[0]], path[1:], false, nil
	case len(node) == extensionOrLeaf:
		part, leaf, err := compactPath(node[0])
		if err != nil || !bytes.HasPrefix(path, part) || leaf && len(part) != len(path) {
			return child, nil, false, errPath
		}
		return node[1], path[len(part):], leaf, nil
	}
	return child, nil, false, errPath
}

// compactPath reads the hex-prefix form of a piece of path: the first half byte has a 2 for a leaf and a 1 for an odd
// number of half bytes.
func compactPath(v value) (part []byte, leaf bool, err error) {
	if v.list || len(v.content) == 0 {
		return nil, false, errPath
	}
	all := nibbles(v.content)
	flags := all[0]
	if flags > 3 || flags&1 == 0 && all[1] != 0 {
		return nil, false, errPath
	}
	return all[2-flags&1:], flags&2 != 0, nil
}

func nibbles(content []byte) []byte {
	halves := make([]byte, 0, 2*len(content))
	for _, b := range content {
		halves = append(halves, b>>4, b&0xf)
	}
	return halves
}
