package commitment

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/tillproof/tillproof/domain/ticket"
)

// Labels of the first four leaves.
const (
	labelAccount     = "account"
	labelEntryID     = "entryId"
	labelEligible    = "eligible"
	labelBusinessDay = "businessDayDate"
)

// minLeaves hides the size of most baskets.
const minLeaves = 64

// A Tree is a ticket's commitment with what is needed to open it.
type Tree struct {
	levels [][][32]byte // levels[0] are the leaves, the last level is the root alone
}

// Build commits a ticket of a retailer, and the account it earns points on (zero: none), under its secrets.
func Build(retailerID string, t *ticket.Ticket, account [16]byte, secrets Secrets) (*Tree, error) {
	return BuildTrade(retailerID, Trade(t), HashPerson(t, account, secrets.Person), secrets.Trade)
}

// BuildTrade computes the same tree from the trade part and the hashes of the person leaves.
func BuildTrade(retailerID string, trade *ticket.Ticket, person PersonLeaves, secret [32]byte) (*Tree, error) {
	salts := newSalter(secret)
	rest, err := tradeLeaves(retailerID, trade, salts)
	if err != nil {
		return nil, fmt.Errorf("commit ticket %s: %w", trade.TransactionID, err)
	}
	rest = append(rest, person.Others...)
	size := minLeaves
	for size < 4+len(rest) {
		size *= 2
	}
	for i := range size - 4 - len(rest) {
		rest = append(rest, salts.padding(i))
	}
	slices.SortFunc(rest, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })

	leaves := make([][32]byte, 0, size)
	leaves = append(leaves, person.Account, person.EntryID,
		LeafHash(salts.salt(labelEligible), labelEligible, eligibleValue(Eligible(trade), trade.CurrencyCode)),
		LeafHash(salts.salt(labelBusinessDay), labelBusinessDay, businessDayValue(string(trade.BusinessDayDate))))
	return grow(append(leaves, rest...)), nil
}

// grow builds the levels over leaves whose number is a power of two.
func grow(leaves [][32]byte) *Tree {
	tree := &Tree{levels: [][][32]byte{leaves}}
	for level := leaves; len(level) > 1; {
		above := make([][32]byte, len(level)/2)
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
