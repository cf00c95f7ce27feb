package ledger

import (
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/points"
)

// Kind says what moved points.
type Kind uint8

// The kinds of points entries.
const (
	Accrual    Kind = 1 + iota // earned by a sale, or taken by a return that names no sale
	Undone                     // taken back by a return or a void of what another ticket earned, or a void of a return
	TransferIn                 // came from another account
	GivenBack                  // had been paid with, and what was bought was returned
	Overdrawn                  // paid with beyond what was held for it
)

var kindNames = map[Kind]string{Accrual: "accrual", Undone: "undo", TransferIn: "transfer-in", GivenBack: "given-back", Overdrawn: "redemption"}

func (k Kind) String() string {
	if name, known := kindNames[k]; known {
		return name
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// NoCurrency is ISO 4217's code for "no currency": of entries that no amount of money led to.
const NoCurrency = "XXX"

// MaxSource is the largest length of a conversion's source, in bytes.
const MaxSource = 32

// An Entry is one movement of points on an account. It holds what is needed to compute the points again.
type Entry struct {
	Kind        Kind
	Points      int64  // negative: taken away
	Eligible    int64  // minor units; of an undo the amount undone
	Currency    string // ISO 4217, three letters
	BusinessDay string // YYYY-MM-DD, of the ticket that led to the entry; of a transfer the day it was recorded, in UTC
	RuleVersion uint32 // 0: by no rule
	ExpiryMonth points.Month
	Conversion  int64  // billionths of the programme's minor unit for one of the currency's; 0: unconverted
	Source      string // of the conversion, ASCII
}

// Encode gives the entry's bytes on the ledger. Currency and business day must have their 3 and 10 bytes.
func (e Entry) Encode() ([]byte, error) {
	if len(e.Currency) != 3 || len(e.BusinessDay) != 10 {
		return nil, fmt.Errorf("points entry: currency %q or business day %q has not its length", e.Currency, e.BusinessDay)
	}
	if len(e.Source) > MaxSource {
		return nil, fmt.Errorf("points entry: a source of %d bytes is longer than %d", len(e.Source), MaxSource)
	}
	value := make([]byte, 0, 48+len(e.Source))
	value = append(value, Version, byte(e.Kind))
	value = appendInt64(value, e.Points)
	value = appendInt64(value, e.Eligible)
	value = append(value, e.Currency...)
	value = append(value, e.BusinessDay...)
	value = binary.BigEndian.AppendUint32(value, e.RuleVersion)
	value = binary.BigEndian.AppendUint32(value, uint32(e.ExpiryMonth))
	value = appendInt64(value, e.Conversion)
	value = append(value, byte(len(e.Source)))
	return append(value, e.Source...), nil
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
		ExpiryMonth: points.Month(r.uint32()),
		Conversion:  r.int64(),
	}
	entry.Source = r.text(r.count("bytes of a source", int(r.uint8()), MaxSource))
	if _, known := kindNames[entry.Kind]; r.err == nil && !known {
		r.fail("%v is not known here", entry.Kind)
	}
	return entry, r.finish()
}
