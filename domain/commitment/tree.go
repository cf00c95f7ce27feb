package commitment

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/tillproof/tillproof/domain/ticket"
)

// fixedLeaves stand first, at positions of their own.
const fixedLeaves = 8

// minLeaves hides the size of most baskets.
const minLeaves = 64

// A Tree is a ticket's commitment with what is needed to open it.
type Tree struct {
	levels [][][32]byte // levels[0] are the leaves, the last level is the root alone
}

// Build commits a ticket and the facts beyond it, under its secrets.
func Build(t *ticket.Ticket, facts Facts, secrets Secrets) (*Tree, error) {
	return BuildTrade(Trade(t), facts, HashPerson(t, facts.Account, secrets.Person), secrets.Trade)
}

// BuildTrade computes the same tree from the trade part and the hashes of the person leaves. Of the facts it takes no
// account.
func BuildTrade(trade *ticket.Ticket, facts Facts, person PersonLeaves, secret [32]byte) (*Tree, error) {
	salts := newSalter(secret)
	return restore(trade, facts.RetailerID, salts, Kept{
		Fixed: [fixedLeaves][32]byte{
			person.Account,
			person.EntryID,
			salts.leaf(labelEligible, eligibleValue(Eligible(trade), trade.CurrencyCode)).Hash(),
			salts.leaf(labelBusinessDay, businessDayValue(string(trade.BusinessDayDate))).Hash(),
			salts.leaf(labelReference, referenceValue(facts.Reference(trade.TransactionID))).Hash(),
			salts.leaf(labelUndoes, undoesValue(Undoes(trade, facts.Reference))).Hash(),
			person.Redemptions,
			salts.reserved(),
		},
		Person: person.Others,
	})
}

// Kept are the hashes of the leaves that the trade part of a ticket cannot tell, or only with the retailer's keys.
type Kept struct {
	Fixed  [fixedLeaves][32]byte // the first eight
	Person [][32]byte            // loyaltyId, operatorId, tenderReferences: those there are
}

// Fixed gives the hashes of the first eight leaves.
func (t *Tree) Fixed() [fixedLeaves][32]byte { return [fixedLeaves][32]byte(t.levels[0]) }

// Restore builds the tree anew with no other key than the trade secret.
func Restore(trade *ticket.Ticket, retailerID string, secret [32]byte, kept Kept) (*Tree, error) {
	return restore(trade, retailerID, newSalter(secret), kept)
}

func restore(trade *ticket.Ticket, retailerID string, salts *salter, kept Kept) (*Tree, error) {
	told := leaves{hashes: append(make([][32]byte, 0, minLeaves), kept.Fixed[:]...)}
	if err := told.addTrade(retailerID, trade, salts); err != nil {
		return nil, fmt.Errorf("commit ticket %s: %w", trade.TransactionID, err)
	}
	all := append(told.hashes, kept.Person...)
	size := minLeaves
	for size < len(all) {
		size *= 2
	}
	for i := range size - len(all) {
		all = append(all, salts.padding(i))
	}
	slices.SortFunc(all[fixedLeaves:], func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return grow(all), nil
}

// grow builds the levels over leaves whose number is a power of two.
func grow(leaves [][32]byte) *Tree {
	tree := &Tree{levels: [][][32]byte{leaves}}
	nodes := make([][32]byte, len(leaves)-1) // of all levels above
	for level := leaves; len(level) > 1; {
		above := nodes[: len(level)/2 : len(level)/2]
		nodes = nodes[len(above):]
		for i := range above {
			above[i] = NodeHash(level[2*i], level[2*i+1])
		}
		tree.levels = append(tree.levels, above)
		level = above
	}
	return tree
}

// Root is the commitment.
func (t *Tree) Root() [32]byte { return t.levels[len(t.levels)-1][0] }
