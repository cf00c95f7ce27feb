package commitment_test

import (
	"slices"
	"testing"

	"github.com/tillproof/tillproof/domain/commitment"
)

// told gives the leaves that may be shown of a text's ticket, those of the person last, and its tree, restored from what
// is kept.
func told(t testing.TB, text string) ([]commitment.Leaf, *commitment.Tree) {
	t.Helper()
	whole, secrets := decode(t, text), commitment.Derive(seed)
	leaves, err := commitment.TradeLeaves(commitment.Trade(whole), "main", secrets.Trade)
	if err != nil {
		t.Fatal(err)
	}
	kept := commitment.Kept{
		Fixed:  build(t, text, account, seed).Fixed(),
		Person: commitment.HashPerson(whole, account, secrets.Person).Others,
	}
	tree, err := commitment.Restore(commitment.Trade(whole), "main", secrets.Trade, kept)
	if err != nil {
		t.Fatal(err)
	}
	return append(leaves, commitment.OpenPerson(whole, secrets.Person)...), tree
}

func TestWhatIsKeptRestoresTheTree(t *testing.T) {
	for _, text := range []string{sale, control, withLines(t, 61), withLines(t, 300)} {
		if _, tree := told(t, text); tree.Root() != build(t, text, account, seed).Root() {
			t.Error("the restored tree has another root")
		}
	}
}

func TestEveryLeafCanBeShownAlone(t *testing.T) {
	for _, text := range []string{sale, control, withLines(t, 300)} {
		leaves, tree := told(t, text)
		for _, leaf := range leaves {
			disclosure, err := tree.Disclose([]commitment.Leaf{leaf})
			if err != nil {
				t.Fatal(err)
			}
			if root, err := disclosure.Root(); err != nil || root != tree.Root() {
				t.Fatalf("%q alone does not lead to the commitment (%v)", leaf.Label, err)
			}
		}
	}
}

func TestManyLeavesShareTheirPath(t *testing.T) {
	leaves, tree := told(t, withLines(t, 20))
	disclosure, err := tree.Disclose(leaves)
	if err != nil {
		t.Fatal(err)
	}
	if root, err := disclosure.Root(); err != nil || root != tree.Root() {
		t.Fatalf("all together do not lead to the commitment (%v)", err)
	}
	if n := len(disclosure.Siblings); n >= disclosure.Size-len(leaves) {
		t.Errorf("%d siblings for %d of %d leaves: nothing is shared", n, len(leaves), disclosure.Size)
	}
}

func TestALeafThatWasNotCommittedCannotBeShown(t *testing.T) {
	leaves, tree := told(t, sale)
	forged := leaves[0]
	forged.Value = []byte(`"another"`)
	if _, err := tree.Disclose([]commitment.Leaf{forged}); err == nil {
		t.Error("a changed value was shown")
	}
}

func TestForgedDisclosures(t *testing.T) {
	leaves, tree := told(t, sale)
	good, err := tree.Disclose(leaves[:3])
	if err != nil {
		t.Fatal(err)
	}
	for name, forge := range map[string]func(d *commitment.Disclosure){
		"size":             func(d *commitment.Disclosure) { d.Size *= 2 },
		"size of none":     func(d *commitment.Disclosure) { d.Size = 0 },
		"uneven size":      func(d *commitment.Disclosure) { d.Size = 65 },
		"huge size":        func(d *commitment.Disclosure) { d.Size = 1 << 40 },
		"nothing shown":    func(d *commitment.Disclosure) { d.Shown = nil },
		"one less":         func(d *commitment.Disclosure) { d.Shown = d.Shown[1:] },
		"twice":            func(d *commitment.Disclosure) { d.Shown[1] = d.Shown[0] },
		"order":            func(d *commitment.Disclosure) { slices.Reverse(d.Shown) },
		"position":         func(d *commitment.Disclosure) { d.Shown[0].Position ^= 1 },
		"negative":         func(d *commitment.Disclosure) { d.Shown[0].Position = -1 },
		"outside":          func(d *commitment.Disclosure) { d.Shown[2].Position = d.Size },
		"among the first":  func(d *commitment.Disclosure) { d.Shown[0].Position = 2 },
		"label":            func(d *commitment.Disclosure) { d.Shown[0].Label += "x" },
		"label of a first": func(d *commitment.Disclosure) { d.Shown[0].Label = "eligible" },
		"salt":             func(d *commitment.Disclosure) { d.Shown[0].Salt[0]++ },
		"value":            func(d *commitment.Disclosure) { d.Shown[0].Value = []byte("1") },
		"sibling":          func(d *commitment.Disclosure) { d.Siblings[0][5]++ },
		"siblings swapped": func(d *commitment.Disclosure) { d.Siblings[0], d.Siblings[1] = d.Siblings[1], d.Siblings[0] },
		"too few":          func(d *commitment.Disclosure) { d.Siblings = d.Siblings[1:] },
		"too many":         func(d *commitment.Disclosure) { d.Siblings = append(d.Siblings, [32]byte{}) },
	} {
		forged := commitment.Disclosure{Size: good.Size, Shown: slices.Clone(good.Shown), Siblings: slices.Clone(good.Siblings)}
		forge(&forged)
		if root, err := forged.Root(); err == nil && root == tree.Root() {
			t.Errorf("%s may be forged", name)
		}
	}
}
