package ledger

import (
	"encoding/binary"
	"fmt"
)

// Kind says what moved points.
type Kind uint8

// Accrual is points earned by a sale or taken back by a return or a void.
const Accrual Kind = 1

func (k Kind) String() string {
	if k == Accrual {
		return "accrual"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// An Entry is one movement of points on an account. It holds what is needed to compute the points again.
type Entry struct {
	Kind        Kind
	Points      int64  // negative: taken away
	Eligible    int64  // minor units
	Currency    string // ISO 4217, three letters
	BusinessDay string // YYYY-MM-DD: with the programme it determines the rule
	RuleVersion uint32
	ExpiryMonth uint32 // year × 12 + month − 1; 0: the points do not expire
}

// Encode gives the entry's bytes on the ledger. Currency and business day must have their 3 and 10 bytes.
func (e Entry) Encode() ([]byte, error) {
	if len(e.Currency) != 3 || len(e.BusinessDay) != 10 {
		return nil, fmt.Errorf("points entry: currency %q or business day %q has not its length", e.Currency, e.BusinessDay)
	}
	value := make([]byte, 0, 39)
	value = append(value, Version, byte(e.Kind))
	value = appendInt64(value, e.Points)
	value = appendInt64(value, e.Eligible)
	value = append(value, e.Currency...)
	value = append(value, e.BusinessDay...)
	value = binary.BigEndian.AppendUint32(value, e.RuleVersion)
	return binary.BigEndian.AppendUint32(value, e.ExpiryMonth), nil
}

// DecodeEntry reads a points entry from the ledger.
func DecodeEntry(value []byte) (Entry, error) {
	r := newReader("points entry", value)
	entry := Entry{
		Kind:        Kind(r.uint8()),
		Points:      r.int64(),
		Eligible:    r.int64(),
		Currency:    r.text(3),
		BusinessDay: r.text(10),
		RuleVersion: r.uint32(),
		ExpiryMonth: r.uint32(),
	}
	if r.err == nil && entry.Kind != Accrual {
		r.fail("%v is not known here", entry.Kind)
	}
	return entry, r.finish()
}

// Totals is what one transaction added to the programme's sums, each in points.
type Totals struct {
	Issued, Debited, Held, Redeemed, Expired int64
}

// Encode gives the totals' bytes on the ledger.
func (t Totals) Encode() []byte {
	value := make([]byte, 0, 41)
	value = append(value, Version)
	for _, sum := range []int64{t.Issued, t.Debited, t.Held, t.Redeemed, t.Expired} {
		value = appendInt64(value, sum)
	}
	return value
}

// DecodeTotals reads the totals of one transaction.
func DecodeTotals(value []byte) (Totals, error) {
	r := newReader("totals", value)
	totals := Totals{Issued: r.int64(), Debited: r.int64(), Held: r.int64(), Redeemed: r.int64(), Expired: r.int64()}
	return totals, r.finish()
}
