package commitment

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/domain/ticket"
)

// Labels of the leaves at fixed positions.
const (
	labelAccount     = "account"
	labelEntryID     = "entryId"
	labelEligible    = "eligible"
	labelBusinessDay = "businessDayDate"
	labelReference   = "reference"
	labelUndoes      = "undoes"
	labelRedemptions = "redemptions"
)

// Labels of the leaves of a ticket's lines.
const (
	LabelLine  = "line"
	labelLines = "lineItems"
)

// Facts is what a commitment binds beyond the ticket itself.
type Facts struct {
	RetailerID string
	Account    [16]byte // zero: no member
	// Reference is the keyed hash that stands for a transaction id of this retailer.
	Reference func(transactionID string) [32]byte
}

// An Undo is what a ticket takes back of another one.
type Undo struct {
	Amount    int64 // minor units; negative where a sale is returned
	Reference [32]byte
	Void      bool // a PostVoid: what the other ticket did is undone whole
}

// A Redemption is what a ticket pays in points, or gives back of them.
type Redemption struct {
	ID     string // UUID, lower case
	Points int64  // negative: given back
}

// Eligible is the amount of a ticket that earns points, in minor units.
func Eligible(t *ticket.Ticket) int64 { return t.Totals.Grand }

// Undoes gives what a ticket takes back of others, each named once.
func Undoes(t *ticket.Ticket, reference func(transactionID string) [32]byte) []Undo {
	if t.VoidOf != "" {
		return []Undo{{Amount: t.Totals.Grand, Reference: reference(t.VoidOf), Void: true}}
	}
	var undoes []Undo
	at := make(map[string]int)
	returned := 0
	for i := range t.LineItems {
		line := &t.LineItems[i]
		if line.ReturnOf == nil || line.Quantity > 0 {
			continue
		}
		original := line.ReturnOf.TransactionID
		if _, known := at[original]; !known {
			at[original] = len(undoes)
			undoes = append(undoes, Undo{Reference: reference(original)})
		}
		undoes[at[original]].Amount += line.ExtendedAmount
		returned++
	}
	if len(undoes) == 1 && returned == len(t.LineItems) {
		undoes[0].Amount = t.Totals.Grand // taxes that are not in the lines, and rounding, belong to it as well
	}
	return undoes
}

// Redemptions gives the tenders that name a redemption.
func Redemptions(t *ticket.Ticket) []Redemption {
	var redemptions []Redemption
	for _, tender := range t.Tenders {
		if id := strings.ToLower(tender.Reference); tender.Type == ticket.Points && isUUID(id) {
			redemptions = append(redemptions, Redemption{ID: id, Points: tender.Amount})
		}
	}
	return redemptions
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		digit := '0' <= text[i] && text[i] <= '9' || 'a' <= text[i] && text[i] <= 'f'
		if dash != (text[i] == '-') || !dash && !digit {
			return false
		}
	}
	return true
}

func accountValue(account [16]byte) []byte {
	if account == ([16]byte{}) {
		return []byte(`""`)
	}
	return appendHex(nil, account[:])
}

func entryIDValue(id [16]byte) []byte { return appendHex(nil, id[:]) }

func eligibleValue(amount int64, currency string) []byte {
	value := strconv.AppendInt([]byte(`{"amount":`), amount, 10)
	return append(value, `,"currencyCode":"`+currency+`"}`...)
}

func businessDayValue(day string) []byte { return []byte(`"` + day + `"`) }

func referenceValue(reference [32]byte) []byte { return appendHex(nil, reference[:]) }

func undoesValue(undoes []Undo) []byte {
	value := []byte{'['}
	for i := range undoes {
		if i > 0 {
			value = append(value, ',')
		}
		value = strconv.AppendInt(append(value, `{"amount":`...), undoes[i].Amount, 10)
		value = appendHex(append(value, `,"reference":`...), undoes[i].Reference[:])
		if undoes[i].Void {
			value = append(value, `,"void":true`...)
		}
		value = append(value, '}')
	}
	return append(value, ']')
}

func redemptionsValue(redemptions []Redemption) []byte {
	value := []byte{'['}
	for i := range redemptions {
		if i > 0 {
			value = append(value, ',')
		}
		value = strconv.AppendInt(append(value, `{"points":`...), redemptions[i].Points, 10)
		value = append(value, `,"redemptionId":"`+redemptions[i].ID+`"}`...)
	}
	return append(value, ']')
}

// appendHex appends a JSON string of hex digits.
func appendHex(dst, bytes []byte) []byte {
	return append(hex.AppendEncode(append(dst, '"'), bytes), '"')
}
