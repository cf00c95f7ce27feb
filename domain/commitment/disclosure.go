package commitment

import (
	"errors"
	"fmt"
	"slices"
)

// maxSize bounds the leaves of a tree: 5,000 lines and a few fields fit in 8,192.
const maxSize = 8192

// A Disclosure shows some leaves of a commitment, and of the rest the hashes that lead to the root.
type Disclosure struct {
	Size     int          // number of leaves of the tree
	Shown    []PlacedLeaf // by ascending position
	Siblings [][32]byte   // in the order in which Root needs them
}

// A PlacedLeaf is a leaf at its position in the tree, counted from 0.
type PlacedLeaf struct {
	Position int
	Leaf
}

// Disclose shows leaves of the tree. A leaf that the tree has not is an error: then the leaf, or what the tree was built
// from, is not what was committed.
func (t *Tree) Disclose(shown []Leaf) (Disclosure, error) {
	leaves := t.levels[0]
	at := make(map[[32]byte]int, len(leaves))
	for i, hash := range leaves {
		at[hash] = i
	}
	d := Disclosure{Size: len(leaves)}
	for _, leaf := range shown {
		position, found := at[leaf.Hash()]
		if !found {
			return Disclosure{}, fmt.Errorf("the commitment has no such leaf %q", leaf.Label)
		}
		d.Shown = append(d.Shown, PlacedLeaf{position, leaf})
	}
	slices.SortFunc(d.Shown, func(a, b PlacedLeaf) int { return a.Position - b.Position })
	known := make([]int, len(d.Shown))
	for i, leaf := range d.Shown {
		known[i] = leaf.Position
	}
	for _, level := range t.levels[:len(t.levels)-1] {
		var above []int
		for i := 0; i < len(known); i++ {
			position := known[i]
			if sibling := position ^ 1; i+1 < len(known) && known[i+1] == sibling {
				i++ // both are known
			} else {
				d.Siblings = append(d.Siblings, level[sibling])
			}
			above = append(above, position/2)
		}
		known = above
	}
	return d, nil
}

// Root computes the commitment that the disclosure belongs to. From the leaves upwards, each level is walked from left to
// right, and each known node joined with its sibling: the known one, or else the next of Siblings.
func (d Disclosure) Root() ([32]byte, error) {
	if err := d.check(); err != nil {
		return [32]byte{}, err
	}
	type node struct {
		position int
		hash     [32]byte
	}
	known := make([]node, len(d.Shown))
	for i, leaf := range d.Shown {
		known[i] = node{leaf.Position, leaf.Hash()}
	}
	siblings := d.Siblings
	for size := d.Size; size > 1; size /= 2 {
		above := known[:0]
		for i := 0; i < len(known); i++ {
			left, right := known[i], node{}
			switch {
			case i+1 < len(known) && known[i+1].position == left.position^1:
				i++
				right = known[i]
			case len(siblings) == 0:
				return [32]byte{}, errors.New("there are too few siblings")
			default:
				right, siblings = node{hash: siblings[0]}, siblings[1:]
				if left.position%2 == 1 {
					left.hash, right.hash = right.hash, left.hash
				}
			}
			above = append(above, node{left.position / 2, NodeHash(left.hash, right.hash)})
		}
		known = above
	}
	if len(siblings) > 0 {
		return [32]byte{}, errors.New("there are too many siblings")
	}
	return known[0].hash, nil
}

func (d Disclosure) check() error {
	if d.Size < minLeaves || d.Size > maxSize || d.Size&(d.Size-1) != 0 {
		return fmt.Errorf("a tree of %d leaves is none: it has a power of two, from %d to %d", d.Size, minLeaves, maxSize)
	}
	if len(d.Shown) == 0 {
		return errors.New("nothing is shown")
	}
	before := -1
	for _, leaf := range d.Shown {
		if leaf.Position <= before || leaf.Position >= d.Size {
			return fmt.Errorf("position %d is out of order or outside the tree", leaf.Position)
		}
		before = leaf.Position
		if place, fixed := fixedPositions[leaf.Label]; fixed != (leaf.Position < fixedLeaves) || fixed && place != leaf.Position {
			return fmt.Errorf("%q cannot stand at position %d", leaf.Label, leaf.Position)
		}
	}
	return nil
}

// fixedPositions are those of the labels that stand first.
var fixedPositions = map[string]int{
	labelAccount: 0, labelEntryID: 1, labelEligible: 2, labelBusinessDay: 3,
	labelReference: 4, labelUndoes: 5, labelRedemptions: 6,
}
