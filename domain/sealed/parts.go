package sealed

import (
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ticket"
)

// Trade is the part without member and operator.
type Trade struct {
	RetailerID   string
	Ticket       *ticket.Ticket // without loyaltyId, operatorId and references of tenders
	Secret       [32]byte       // trade secret
	PersonKey    string         // id of the key of the person part; "": the period's
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

// The JSON forms. Their fields stand in the order of RFC 8785.
type tradeJSON struct {
	PersonKey    string         `json:"personKey"`
	PersonLeaves leavesJSON     `json:"personLeaves"`
	RetailerID   string         `json:"retailerId"`
	Secret       string         `json:"secret"`
	Ticket       jsontext.Value `json:"ticket"`
	Version      int            `json:"version"`
}

type leavesJSON struct {
	Account string   `json:"account"`
	EntryID string   `json:"entryId"`
	Others  []string `json:"others"`

	Redemptions string `json:"redemptions"`
}

type personJSON struct {
	Account          string    `json:"account"`
	LoyaltyID        string    `json:"loyaltyId,omitempty"`
	OperatorID       string    `json:"operatorId,omitempty"`
	Secret           string    `json:"secret"`
	TenderReferences []*string `json:"tenderReferences,omitempty"`
	Version          int       `json:"version"`
}

func (t Trade) encode() []byte {
	others := make([]string, len(t.PersonLeaves.Others))
	for i, leaf := range t.PersonLeaves.Others {
		others[i] = hex.EncodeToString(leaf[:])
	}
	return marshal(tradeJSON{
		PersonKey: t.PersonKey,
		PersonLeaves: leavesJSON{
			Account: hex.EncodeToString(t.PersonLeaves.Account[:]),
			EntryID: hex.EncodeToString(t.PersonLeaves.EntryID[:]),
			Others:  others,

			Redemptions: hex.EncodeToString(t.PersonLeaves.Redemptions[:]),
		},
		RetailerID: t.RetailerID,
		Secret:     hex.EncodeToString(t.Secret[:]),
		Ticket:     t.Ticket.Canonical(),
		Version:    Version,
	})
}

func decodeTrade(plain []byte) (Trade, error) {
	var decoded tradeJSON
	if err := json.Unmarshal(plain, &decoded, json.RejectUnknownMembers(true)); err != nil {
		return Trade{}, fmt.Errorf("trade part: %w", err)
	}
	if decoded.Version != Version {
		return Trade{}, fmt.Errorf("trade part: version %d is not known here, only version %d", decoded.Version, Version)
	}
	t := Trade{RetailerID: decoded.RetailerID, PersonKey: decoded.PersonKey}
	var err error
	if t.Ticket, err = ticket.Decode(decoded.Ticket); err != nil {
		return Trade{}, fmt.Errorf("trade part: ticket: %w", err)
	}
	t.PersonLeaves.Others = make([][32]byte, len(decoded.PersonLeaves.Others))
	fields := []hexField{
		{"secret", t.Secret[:], decoded.Secret},
		{"account leaf", t.PersonLeaves.Account[:], decoded.PersonLeaves.Account},
		{"entryId leaf", t.PersonLeaves.EntryID[:], decoded.PersonLeaves.EntryID},
		{"redemptions leaf", t.PersonLeaves.Redemptions[:], decoded.PersonLeaves.Redemptions},
	}
	for i, text := range decoded.PersonLeaves.Others {
		fields = append(fields, hexField{"person leaf", t.PersonLeaves.Others[i][:], text})
	}
	return t, decodeHex("trade part", fields)
}

func (p Person) encode() []byte {
	encoded := personJSON{
		LoyaltyID:  p.LoyaltyID,
		OperatorID: p.OperatorID,
		Secret:     hex.EncodeToString(p.Secret[:]),
		Version:    Version,
	}
	if p.Account != ([16]byte{}) {
		encoded.Account = hex.EncodeToString(p.Account[:])
	}
	for i := range p.TenderReferences {
		var reference *string
		if p.TenderReferences[i] != "" {
			reference = &p.TenderReferences[i]
		}
		encoded.TenderReferences = append(encoded.TenderReferences, reference)
	}
	return marshal(encoded)
}

func decodePerson(plain []byte) (Person, error) {
	var decoded personJSON
	if err := json.Unmarshal(plain, &decoded, json.RejectUnknownMembers(true)); err != nil {
		return Person{}, fmt.Errorf("person part: %w", err)
	}
	if decoded.Version != Version {
		return Person{}, fmt.Errorf("person part: version %d is not known here, only version %d", decoded.Version, Version)
	}
	p := Person{LoyaltyID: decoded.LoyaltyID, OperatorID: decoded.OperatorID}
	for _, reference := range decoded.TenderReferences {
		text := ""
		if reference != nil {
			text = *reference
		}
		p.TenderReferences = append(p.TenderReferences, text)
	}
	fields := []hexField{{"secret", p.Secret[:], decoded.Secret}}
	if decoded.Account != "" {
		fields = append(fields, hexField{"account", p.Account[:], decoded.Account})
	}
	return p, decodeHex("person part", fields)
}

// marshal encodes what cannot fail: texts of a decoded ticket are valid UTF-8.
func marshal(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("sealed: " + err.Error())
	}
	return encoded
}

type hexField struct {
	name string
	into []byte
	text string
}

func decodeHex(part string, fields []hexField) error {
	for _, field := range fields {
		decoded, err := hex.DecodeString(field.text)
		if err != nil || len(decoded) != len(field.into) {
			return fmt.Errorf("%s: %s is not %d bytes in hex", part, field.name, len(field.into))
		}
		copy(field.into, decoded)
	}
	return nil
}
