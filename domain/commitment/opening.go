package commitment

import "github.com/tillproof/tillproof/domain/ticket"

// An Opening shows the leaves that points are computed from, and no other. The chaincode computes the root from it and
// compares, so that amount, day, account and what is taken back are not the client's choice at the time of recording.
type Opening struct {
	Account     [16]byte // zero: no member
	EntryID     [16]byte
	Eligible    int64  // minor units
	Currency    string // ISO 4217
	BusinessDay string // YYYY-MM-DD
	Reference   [32]byte
	Undoes      []Undo
	Redemptions []Redemption
	Salts       [fixedLeaves - 1][32]byte // in the order of the fields; account and entry id have one each
	Reserved    [32]byte                  // the leaf at position 7
	Siblings    [][32]byte                // from the eight leaves' common node up to the root's child
}

// Open makes the opening of a ticket's tree. Facts and secrets must be those the tree was built with.
func (t *Tree) Open(of *ticket.Ticket, facts Facts, secrets Secrets) *Opening {
	person, trade := newSalter(secrets.Person), newSalter(secrets.Trade)
	o := &Opening{
		Account:     facts.Account,
		EntryID:     EntryID(secrets.Person),
		Eligible:    Eligible(of),
		Currency:    of.CurrencyCode,
		BusinessDay: string(of.BusinessDayDate),
		Reference:   facts.Reference(of.TransactionID),
		Undoes:      Undoes(of, facts.Reference),
		Redemptions: Redemptions(of),
		Salts: [...][32]byte{
			person.salt(labelAccount), person.salt(labelEntryID),
			trade.salt(labelEligible), trade.salt(labelBusinessDay),
			trade.salt(labelReference), trade.salt(labelUndoes), person.salt(labelRedemptions),
		},
		Reserved: trade.reserved(),
	}
	const height = 3 // of the eight leaves' common node
	for _, level := range t.levels[height : len(t.levels)-1] {
		o.Siblings = append(o.Siblings, level[1]) // the eight are leftmost: their node is 0 on every level
	}
	return o
}

// Root computes the commitment that the opening belongs to.
func (o *Opening) Root() [32]byte {
	node := NodeHash(
		NodeHash(
			NodeHash(
				LeafHash(o.Salts[0], labelAccount, accountValue(o.Account)),
				LeafHash(o.Salts[1], labelEntryID, entryIDValue(o.EntryID))),
			NodeHash(
				LeafHash(o.Salts[2], labelEligible, eligibleValue(o.Eligible, o.Currency)),
				LeafHash(o.Salts[3], labelBusinessDay, businessDayValue(o.BusinessDay)))),
		NodeHash(
			NodeHash(
				LeafHash(o.Salts[4], labelReference, referenceValue(o.Reference)),
				LeafHash(o.Salts[5], labelUndoes, undoesValue(o.Undoes))),
			NodeHash(
				LeafHash(o.Salts[6], labelRedemptions, redemptionsValue(o.Redemptions)),
				o.Reserved)))
	for _, sibling := range o.Siblings {
		node = NodeHash(node, sibling)
	}
	return node
}
