package sealed

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/ticket"
)

// aloneHeader is version and period; the length of the trade part follows.
const aloneHeader = 5

// parseAlone takes a body of version 1 apart.
func parseAlone(body []byte) (Body, error) {
	if len(body) < aloneHeader+4 {
		return Body{}, errCut
	}
	trade := int64(binary.BigEndian.Uint32(body[aloneHeader:]))
	if trade > int64(len(body)-aloneHeader-4) {
		return Body{}, errCut
	}
	const begin = aloneHeader + 4
	return Body{
		Period: Period(binary.BigEndian.Uint32(body[1:])),
		trade:  body[begin : begin+trade],
		person: body[begin+trade:],
	}, nil
}

func openTradeAlone(b Body, ticketKey [32]byte, key Key) (Trade, error) {
	plain, err := openAlone("trade", b.Period, key, ticketKey, b.trade)
	if err != nil {
		return Trade{}, err
	}
	return decodeTradeJSON(plain)
}

func openPersonAlone(b Body, ticketKey [32]byte, key Key) (Person, error) {
	plain, err := openAlone("person", b.Period, key, ticketKey, b.person)
	if err != nil {
		return Person{}, err
	}
	return decodePersonJSON(plain)
}

func openAlone(part string, period Period, key Key, ticketKey [32]byte, sealed []byte) ([]byte, error) {
	aead, err := cipherFor(key, "tillproof/v1/seal/"+part, ticketKey[:])
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, fmt.Errorf("%s part: %w", part, ErrKey)
	}
	data := append(binary.BigEndian.AppendUint32([]byte{versionAlone}, uint32(period)), ticketKey[:]...)
	padded, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], data)
	if err != nil {
		return nil, fmt.Errorf("%s part: %w", part, ErrKey)
	}
	if len(padded) < 4 || int64(binary.BigEndian.Uint32(padded)) > int64(len(padded)-4) {
		return nil, errors.New("unpack a body: its length does not fit")
	}
	return inflate(padded[4 : 4+binary.BigEndian.Uint32(padded)])
}

// The JSON forms of version 1.
type tradeJSON struct {
	PersonKey    string         `json:"personKey"`
	PersonLeaves leavesJSON     `json:"personLeaves"`
	RetailerID   string         `json:"retailerId"`
	Secret       string         `json:"secret"`
	Ticket       jsontext.Value `json:"ticket"`
	Version      int            `json:"version"`
}

type leavesJSON struct {
	Account     string   `json:"account"`
	EntryID     string   `json:"entryId"`
	Others      []string `json:"others"`
	Redemptions string   `json:"redemptions"`
}

type personJSON struct {
	Account          string    `json:"account"`
	LoyaltyID        string    `json:"loyaltyId"`
	OperatorID       string    `json:"operatorId"`
	Secret           string    `json:"secret"`
	TenderReferences []*string `json:"tenderReferences"`
	Version          int       `json:"version"`
}

func decodeTradeJSON(plain []byte) (Trade, error) {
	var decoded tradeJSON
	if err := decodeJSON(plain, &decoded, &decoded.Version); err != nil {
		return Trade{}, fmt.Errorf("trade part: %w", err)
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

func decodePersonJSON(plain []byte) (Person, error) {
	var decoded personJSON
	if err := decodeJSON(plain, &decoded, &decoded.Version); err != nil {
		return Person{}, fmt.Errorf("person part: %w", err)
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

func decodeJSON(plain []byte, into any, version *int) error {
	if err := json.Unmarshal(plain, into, json.RejectUnknownMembers(true)); err != nil {
		return err
	}
	if *version != versionAlone {
		return fmt.Errorf("version %d in a body of version %d", *version, versionAlone)
	}
	return nil
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
