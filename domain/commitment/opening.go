package commitment

import "github.com/tillproof/tillproof/domain/ticket"

// An Opening shows the four leaves that points are computed from, and no other. The chaincode computes the root from it
// and compares, so that amount, day and account are not the client's choice at the time of recording.
type Opening struct {
	Account     [16]byte
	EntryID     [16]byte
	Eligible    int64  // minor units
	Currency    string // ISO 4217
	BusinessDay string // YYYY-MM-DD
	Salts       [4][32]byte
	Siblings    [][32]byte // from the four leaves' common node up to the root's child
}

// Open makes the opening of a ticket's tree. Account and secrets must be those the tree was built with.
func (t *Tree) Open(of *ticket.Ticket, account [16]byte, secrets Secrets) *Opening {
	person, trade := newSalter(secrets.Person), newSalter(secrets.Trade)
	o := &Opening{
		Account:     account,
		EntryID:     EntryID(secrets.Person),
		Eligible:    Eligible(of),
		Currency:    of.CurrencyCode,
		BusinessDay: string(of.BusinessDayDate),
		Salts: [4][32]byte{
			person.salt(labelAccount), person.salt(labelEntryID),
			trade.salt(labelEligible), trade.salt(labelBusinessDay),
		},
	}
	for _, level := range t.levels[2 : len(t.levels)-1] {
		o.Siblings = append(o.Siblings, level[1]) // the four are leftmost: their node is 0 on every level
	}
	return o
}

// Root computes the commitment that the opening belongs to.
func (o *Opening) Root() [32]byte {
	node := NodeHash(
		NodeHash(
			LeafHash(o.Salts[0], labelAccount, accountValue(o.Account)),
			LeafHash(o.Salts[1], labelEntryID, entryIDValue(o.EntryID))),
		NodeHash(
			LeafHash(o.Salts[2], labelEligible, eligibleValue(o.Eligible, o.Currency)),
			LeafHash(o.Salts[3], labelBusinessDay, businessDayValue(o.BusinessDay))))
	for _, sibling := range o.Siblings {
		node = NodeHash(node, sibling)
	}
	return node
}
