package commitment

import (
	"encoding/hex"

	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tillproof/tillproof/domain/ticket"
)

// PersonLeaves are the hashes of the leaves that are salted from the person secret. They are kept with the trade part
// of a sealed body, so that the commitment can be computed when the person part is no more.
type PersonLeaves struct {
	Account, EntryID, Redemptions [32]byte
	Others                        [][32]byte // loyaltyId, operatorId, tenderReferences: those there are
}

// HashPerson computes the person leaves of a ticket. A zero account stands for no member.
func HashPerson(t *ticket.Ticket, account [16]byte, person [32]byte) PersonLeaves {
	salts := newSalter(person)
	leaf := func(label string, value []byte) [32]byte { return LeafHash(salts.salt(label), label, value) }
	leaves := PersonLeaves{
		Account: leaf(labelAccount, accountValue(account)),
		EntryID: leaf(labelEntryID, entryIDValue(EntryID(person))),

		Redemptions: leaf(labelRedemptions, redemptionsValue(Redemptions(t))),
	}
	if t.LoyaltyID != "" {
		leaves.Others = append(leaves.Others, leaf("loyaltyId", quote(t.LoyaltyID)))
	}
	if t.OperatorID != "" {
		leaves.Others = append(leaves.Others, leaf("operatorId", quote(t.OperatorID)))
	}
	if references := tenderReferences(t); references != nil {
		leaves.Others = append(leaves.Others, leaf("tenderReferences", references))
	}
	return leaves
}

// Trade gives the ticket without what concerns the person: member, operator and the references of tenders.
func Trade(t *ticket.Ticket) *ticket.Ticket {
	trade := *t
	trade.LoyaltyID, trade.OperatorID = "", ""
	trade.Tenders = make([]ticket.Tender, len(t.Tenders))
	for i, tender := range t.Tenders {
		tender.Reference = ""
		trade.Tenders[i] = tender
	}
	if len(t.Tenders) == 0 {
		trade.Tenders = nil
	}
	return &trade
}

// tradeLeaves hashes the leaves behind the first four, in no particular order.
func tradeLeaves(retailerID string, trade *ticket.Ticket, salts *salter) ([][32]byte, error) {
	leaf := func(label string, value []byte) [32]byte { return LeafHash(salts.salt(label), label, value) }
	leaves := [][32]byte{leaf("retailerId", quote(retailerID))}
	canonical := trade.Canonical()
	return leaves, members(canonical, func(name string, value []byte) error {
		switch name {
		case labelBusinessDay: // at its own position
		case "lineItems":
			lines, err := lineLeaves(trade, value, salts)
			leaves = append(append(leaves, lines.hashes...), leaf(name, lines.index))
			return err
		default:
			leaves = append(leaves, leaf(name, value))
		}
		return nil
	})
}

type lines struct {
	hashes [][32]byte
	index  []byte // value of the leaf lineItems
}

func lineLeaves(trade *ticket.Ticket, array []byte, salts *salter) (lines, error) {
	found := lines{index: []byte{'['}}
	var rest []byte
	err := elements(array, func(i int, element []byte) error {
		var returnOf []byte
		rest = append(rest[:0], '{')
		err := members(element, func(name string, value []byte) error {
			switch name {
			case "sequenceNumber":
			case "returnOf":
				returnOf = value
			default:
				rest = appendMember(rest, name, value)
			}
			return nil
		})
		if err != nil {
			return err
		}
		rest = append(rest, '}')
		number := trade.LineItems[i].SequenceNumber
		hash := LeafHash(salts.line(number), "line", rest)
		found.hashes = append(found.hashes, hash)
		found.index = appendIndex(found.index, hash, returnOf, number)
		return nil
	})
	found.index = append(found.index, ']')
	return found, err
}

func appendIndex(dst []byte, hash [32]byte, returnOf []byte, number int64) []byte {
	if len(dst) > 1 {
		dst = append(dst, ',')
	}
	dst = append(dst, `{"leaf":"`...)
	dst = hex.AppendEncode(dst, hash[:])
	dst = append(dst, '"')
	if returnOf != nil {
		dst = append(dst, `,"returnOf":`...)
		dst = append(dst, returnOf...)
	}
	dst = append(dst, `,"sequenceNumber":`...)
	dst = strconv.AppendInt(dst, number, 10)
	return append(dst, '}')
}

func tenderReferences(t *ticket.Ticket) []byte {
	value, any := []byte{'['}, false
	for i, tender := range t.Tenders {
		if i > 0 {
			value = append(value, ',')
		}
		if tender.Reference == "" {
			value = append(value, "null"...)
			continue
		}
		any = true
		value = append(value, quote(tender.Reference)...)
	}
	if !any {
		return nil
	}
	return append(value, ']')
}

// quote gives the RFC 8785 form of a text that decoding has proven to be valid UTF-8.
func quote(text string) []byte {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		panic("commitment: text of a decoded ticket is not UTF-8: " + err.Error())
	}
	return quoted
}
