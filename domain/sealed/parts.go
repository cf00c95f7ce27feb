package sealed

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ticket"
)

// Trade is the part without member and operator.
type Trade struct {
	RetailerID   string
	Ticket       *ticket.Ticket // without loyaltyId, operatorId and references of tenders
	Secret       [32]byte       // trade secret
	PersonKey    string         // id of the key of the person part, 32 hex digits; "": the period's
	PersonLeaves commitment.PersonLeaves
}

// Person is the part that erasure makes unreadable.
type Person struct {
	Account          [16]byte // zero: no member
	LoyaltyID        string
	OperatorID       string
	TenderReferences []string // one a tender, "" where it has none; nil: no tender has one
	Secret           [32]byte // person secret
}

// Split takes a ticket apart into the two parts.
func Split(t *ticket.Ticket, facts commitment.Facts, secrets commitment.Secrets, personKey string) (Trade, Person) {
	trade := Trade{
		RetailerID:   facts.RetailerID,
		Ticket:       commitment.Trade(t),
		Secret:       secrets.Trade,
		PersonKey:    personKey,
		PersonLeaves: commitment.HashPerson(t, facts.Account, secrets.Person),
	}
	person := Person{Account: facts.Account, LoyaltyID: t.LoyaltyID, OperatorID: t.OperatorID, Secret: secrets.Person}
	for i, tender := range t.Tenders {
		if tender.Reference != "" {
			if person.TenderReferences == nil {
				person.TenderReferences = make([]string, len(t.Tenders))
			}
			person.TenderReferences[i] = tender.Reference
		}
	}
	return trade, person
}

// Join puts the ticket together again.
func Join(trade Trade, person Person) (*ticket.Ticket, error) {
	whole := *trade.Ticket
	whole.LoyaltyID, whole.OperatorID = person.LoyaltyID, person.OperatorID
	if person.TenderReferences == nil {
		return &whole, nil
	}
	if len(person.TenderReferences) != len(whole.Tenders) {
		return nil, fmt.Errorf("join ticket %s: %d references for %d tenders",
			whole.TransactionID, len(person.TenderReferences), len(whole.Tenders))
	}
	whole.Tenders = append([]ticket.Tender(nil), whole.Tenders...)
	for i, reference := range person.TenderReferences {
		whole.Tenders[i].Reference = reference
	}
	return &whole, nil
}

// Tree builds the ticket's commitment from the trade part alone; reference is that of commitment.Facts.
func (t Trade) Tree(reference func(transactionID string) [32]byte) (*commitment.Tree, error) {
	facts := commitment.Facts{RetailerID: t.RetailerID, Reference: reference}
	return commitment.BuildTrade(t.Ticket, facts, t.PersonLeaves, t.Secret)
}

// Commitment is the root of Tree.
func (t Trade) Commitment(reference func(transactionID string) [32]byte) ([32]byte, error) {
	tree, err := t.Tree(reference)
	if err != nil {
		return [32]byte{}, err
	}
	return tree.Root(), nil
}
