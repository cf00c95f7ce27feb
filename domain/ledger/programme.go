package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/points"
)

// EncodeProgramme gives the bytes of a points programme on the ledger.
func EncodeProgramme(programme points.Programme) ([]byte, error) {
	value := []byte{Version}
	value = binary.BigEndian.AppendUint16(value, uint16(len(programme)))
	for _, rule := range programme {
		var err error
		if value, err = appendRule(value, rule); err != nil {
			return nil, fmt.Errorf("programme: %w", err)
		}
	}
	return value, nil
}

// DecodeProgramme reads a points programme; no value at all means the default one.
func DecodeProgramme(value []byte) (points.Programme, error) {
	if len(value) == 0 {
		return points.Default, nil
	}
	r := newReader("programme", value)
	programme := make(points.Programme, 0, 4)
	for range r.uint16() {
		programme = append(programme, readRule(r))
		if r.err != nil {
			break
		}
	}
	return programme, r.finish()
}

// A Proposal is a rule that one organisation wants and the other has not agreed to.
type Proposal struct {
	Proposer string // MSP id
	Rule     points.Rule
}

// Encode gives the proposal's bytes on the ledger.
func (p Proposal) Encode() ([]byte, error) {
	if len(p.Proposer) > 255 {
		return nil, fmt.Errorf("proposal: an MSP id of %d bytes is too long", len(p.Proposer))
	}
	value := append([]byte{Version, byte(len(p.Proposer))}, p.Proposer...)
	return appendRule(value, p.Rule)
}

// DecodeProposal reads a proposed rule.
func DecodeProposal(value []byte) (Proposal, error) {
	r := newReader("proposal", value)
	p := Proposal{Proposer: r.text(int(r.uint8())), Rule: readRule(r)}
	return p, r.finish()
}

// RuleDigest is what an organisation agrees to: the hash of the rule's bytes.
func RuleDigest(rule points.Rule) ([32]byte, error) {
	encoded, err := appendRule([]byte("tillproof/v1/rule"), rule)
	return sha256.Sum256(encoded), err
}

const bareLoyaltyID = 1 // a flag of a rule

func appendRule(dst []byte, rule points.Rule) ([]byte, error) {
	if len(rule.EffectiveFrom) != 10 || len(rule.Currency) != 0 && len(rule.Currency) != 3 {
		return nil, fmt.Errorf("rule %d: effective date %q or currency %q has not its length", rule.Version, rule.EffectiveFrom, rule.Currency)
	}
	dst = binary.BigEndian.AppendUint32(dst, rule.Version)
	dst = append(dst, rule.EffectiveFrom...)
	dst = binary.BigEndian.AppendUint32(dst, rule.RateBasisPoints)
	currency := rule.Currency
	if currency == "" {
		currency = NoCurrency
	}
	dst = append(dst, currency...)
	dst = binary.BigEndian.AppendUint16(dst, rule.ValidityMonths)
	dst = binary.BigEndian.AppendUint16(dst, rule.LateDays)
	if rule.BareLoyaltyID {
		return append(dst, bareLoyaltyID), nil
	}
	return append(dst, 0), nil
}

func readRule(r *reader) points.Rule {
	rule := points.Rule{
		Version: r.uint32(), EffectiveFrom: r.text(10), RateBasisPoints: r.uint32(), Currency: r.text(3),
		ValidityMonths: r.uint16(), LateDays: r.uint16(),
	}
	if rule.Currency == NoCurrency {
		rule.Currency = ""
	}
	flags := r.uint8()
	if flags > bareLoyaltyID {
		r.fail("rule %d: flags %d are not known here", rule.Version, flags)
	}
	rule.BareLoyaltyID = flags == bareLoyaltyID
	return rule
}
