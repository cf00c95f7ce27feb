package projector

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// An openedTicket is a ticket's row, and the blind name of its points entry while the keys still tell it.
type openedTicket struct {
	hotstate.ProjectedTicket
	entry *ledger.EntryID
}

var errCommitment = errors.New("the body does not belong to the commitment on the ledger")

// open decrypts a body, checks it against the commitment and makes the ticket's row.
func (p *Projector) open(recorded recordWrite, sealedBody []byte) (openedTicket, error) {
	body, err := sealed.Parse(sealedBody)
	if err != nil {
		return openedTicket{}, err
	}
	keys, err := p.keys.Period(body.Period)
	if err != nil {
		return openedTicket{}, err
	}
	trade, err := body.OpenTrade(recorded.key, keys.Trade)
	if err != nil {
		return openedTicket{}, err
	}
	root, err := trade.Commitment(func(id string) [32]byte { return p.keys.Reference(trade.RetailerID, id) })
	if err != nil {
		return openedTicket{}, err
	}
	if root != recorded.Commitment {
		return openedTicket{}, errCommitment
	}
	opened := openedTicket{ProjectedTicket: row(recorded, trade)}
	person, err := p.openPerson(recorded.key, body, trade, keys)
	if errors.Is(err, keyring.ErrForgotten) || errors.Is(err, sealed.ErrKey) {
		return opened, nil // erased: sales and proofs remain
	}
	if err != nil {
		return openedTicket{}, err
	}
	return opened, addPerson(&opened, person)
}

func (p *Projector) openPerson(key ledger.TicketKey, body sealed.Body, trade sealed.Trade, keys keyring.Period) (sealed.Person, error) {
	if trade.PersonKey == "" {
		return body.OpenPerson(key, keys.Person)
	}
	member, err := p.keys.MemberByKeyID(trade.PersonKey)
	if err != nil {
		return sealed.Person{}, err
	}
	return body.OpenPerson(key, member.Key)
}

func row(recorded recordWrite, trade sealed.Trade) hotstate.ProjectedTicket {
	t := trade.Ticket
	projected := hotstate.ProjectedTicket{
		Key:             recorded.key,
		RetailerID:      trade.RetailerID,
		TransactionID:   t.TransactionID,
		TransactionType: string(t.Type),
		StoreID:         t.StoreID,
		WorkstationID:   t.WorkstationID,
		BusinessDay:     string(t.BusinessDayDate),
		SequenceNumber:  t.SequenceNumber,
		EndedAt:         t.EndDateTime.Time(),
		CurrencyCode:    t.CurrencyCode,
		GrandTotal:      t.Totals.Grand,
		Commitment:      recorded.Commitment,
		RuleVersion:     recorded.Programme,
		Trade:           t.Canonical(),
	}
	for i := range t.LineItems {
		projected.Lines = append(projected.Lines, line(&t.LineItems[i]))
	}
	return projected
}

func line(item *ticket.LineItem) hotstate.ProjectedLine {
	projected := hotstate.ProjectedLine{
		Number:   item.SequenceNumber,
		ItemID:   item.ItemID,
		Quantity: item.Quantity.String(),
		Amount:   item.ExtendedAmount,
	}
	if item.GTIN != "" {
		projected.GTIN = &item.GTIN
	}
	return projected
}

// personJSON is the column view.tickets.person.
type personJSON struct {
	LoyaltyID        string    `json:"loyaltyId,omitempty"`
	OperatorID       string    `json:"operatorId,omitempty"`
	TenderReferences []*string `json:"tenderReferences,omitempty"`
}

func addPerson(opened *openedTicket, person sealed.Person) error {
	column := personJSON{LoyaltyID: person.LoyaltyID, OperatorID: person.OperatorID}
	for i, reference := range person.TenderReferences {
		var given *string
		if reference != "" {
			given = &person.TenderReferences[i]
		}
		column.TenderReferences = append(column.TenderReferences, given)
	}
	encoded, err := json.Marshal(column)
	if err != nil {
		return fmt.Errorf("encode the person's part: %w", err)
	}
	opened.Person = encoded
	if person.LoyaltyID != "" {
		opened.LoyaltyID = &person.LoyaltyID
		entry := ledger.EntryID(commitment.EntryID(person.Secret))
		opened.entry = &entry
	}
	return nil
}
