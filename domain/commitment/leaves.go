package commitment

import (
	"encoding/hex"
	"fmt"
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
	hashes := PersonLeaves{
		Account:     salts.leaf(labelAccount, accountValue(account)).Hash(),
		EntryID:     salts.leaf(labelEntryID, entryIDValue(EntryID(person))).Hash(),
		Redemptions: salts.leaf(labelRedemptions, redemptionsValue(Redemptions(t))).Hash(),
	}
	for _, leaf := range OpenPerson(t, person) {
		hashes.Others = append(hashes.Others, leaf.Hash())
	}
	return hashes
}

// OpenPerson gives the leaves of loyaltyId, operatorId and tenderReferences: those there are.
func OpenPerson(t *ticket.Ticket, person [32]byte) []Leaf {
	salts := newSalter(person)
	var leaves []Leaf
	if t.LoyaltyID != "" {
		leaves = append(leaves, salts.leaf("loyaltyId", quote(t.LoyaltyID)))
	}
	if t.OperatorID != "" {
		leaves = append(leaves, salts.leaf("operatorId", quote(t.OperatorID)))
	}
	if references := tenderReferences(t); references != nil {
		leaves = append(leaves, salts.leaf("tenderReferences", references))
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

// TradeLeaves gives the leaves that the trade part of a ticket tells: its fields and lines, the retailer, the eligible
// amount and the business day. The keyed hashes reference and undoes are not among them.
func TradeLeaves(trade *ticket.Ticket, retailerID string, secret [32]byte) ([]Leaf, error) {
	salts := newSalter(secret)
	told := leaves{open: true}
	if err := told.addTrade(retailerID, trade, salts); err != nil {
		return nil, fmt.Errorf("leaves of ticket %s: %w", trade.TransactionID, err)
	}
	return append(told.leaves,
		salts.leaf(labelEligible, eligibleValue(Eligible(trade), trade.CurrencyCode)),
		salts.leaf(labelBusinessDay, businessDayValue(string(trade.BusinessDayDate)))), nil
}

// leaves are collected in no particular order, each beside its hash.
type leaves struct {
	open   bool // the leaves themselves are wanted, not only their hashes
	leaves []Leaf
	hashes [][32]byte
}

func (l *leaves) add(leaf Leaf) [32]byte {
	hash := leaf.Hash()
	if l.open {
		l.leaves = append(l.leaves, leaf)
	}
	l.hashes = append(l.hashes, hash)
	return hash
}

// addTrade adds the leaves behind the first eight that are salted from the trade secret.
func (l *leaves) addTrade(retailerID string, trade *ticket.Ticket, salts *salter) error {
	l.add(salts.leaf("retailerId", quote(retailerID)))
	return members(trade.Canonical(), func(name string, value []byte) error {
		switch name {
		case labelBusinessDay: // at its own position
		case labelLines:
			index, err := l.addLines(trade, value, salts)
			if err != nil {
				return err
			}
			l.add(salts.leaf(name, index))
		default:
			l.add(salts.leaf(name, value))
		}
		return nil
	})
}

// addLines adds a leaf a line, and gives the value of the leaf lineItems.
func (l *leaves) addLines(trade *ticket.Ticket, array []byte, salts *salter) ([]byte, error) {
	index := append(make([]byte, 0, 2+96*len(trade.LineItems)), '[')
	err := elements(array, func(i int, element []byte) error {
		var returnOf []byte
		rest := append(make([]byte, 0, len(element)), '{')
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
		number := trade.LineItems[i].SequenceNumber
		hash := l.add(Leaf{Label: LabelLine, Salt: salts.line(number), Value: append(rest, '}')})
		index = appendIndex(index, hash, returnOf, number)
		return nil
	})
	return append(index, ']'), err
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
