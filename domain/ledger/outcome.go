package ledger

import (
	"encoding/json"
	"fmt"
)

// Outcome says what became of one ticket of a batch.
type Outcome byte

const (
	Recorded Outcome = 'r' // this transaction records it
	Already  Outcome = 'a' // it stands there with the same commitment
	Conflict Outcome = 'c' // its till number stands there with another commitment
	Refused  Outcome = 'x' // what the batch says of it does not hold
	Missing  Outcome = 'm' // to settle undoes: it is not recorded
)

// A Flag is what a store should hear of a recorded ticket. It says nothing of the number of points.
type Flag byte

const (
	Waits       Flag = 'w' // an original is not on the ledger yet: SettleUndoes takes the points back later
	Excess      Flag = 'e' // it takes back more than was left of an original; the excess moves no points
	VoidOfVoid  Flag = 'v' // it voids a void, which moves no points
	Uncovered   Flag = 'h' // paid with more points than a hold kept aside, or with a hold no longer open: the rest is a debit
	UnknownHold Flag = 'u' // names a redemption that the ledger does not know, and for that moves no points
	NotPaid     Flag = 'g' // gives back more points than had been paid with; the excess moves no points
)

// An Answer is the chaincode's answer to a batch. It stands in the block for all to read, and therefore says nothing
// that could join a ticket to its points.
type Answer struct {
	Version  int            `json:"version"`
	Outcomes string         `json:"outcomes"`          // one letter a ticket, in the order of the batch
	Already  map[int]string `json:"already,omitempty"` // index → the transaction that recorded it
	Reasons  map[int]string `json:"reasons,omitempty"` // index → why it was refused
	Flags    map[int]string `json:"flags,omitempty"`   // index → flags of a recorded ticket, each once, in the order above

	// Programme is the version of the rules by which amounts were converted; 0: none was. Who gave the conversions meant
	// the currency of a certain rule, and must not submit what was counted by another.
	Programme uint32 `json:"programme,omitempty"`
}

// Encode gives the answer as JSON. Both organisations' chaincodes must give the same bytes; encoding/json orders the
// keys of a map.
func (a Answer) Encode() (string, error) {
	a.Version = Version
	text, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("encode the answer to a batch: %w", err)
	}
	return string(text), nil
}

// DecodeAnswer reads the chaincode's answer to a batch of so many tickets.
func DecodeAnswer(text []byte, tickets int) (Answer, error) {
	var answer Answer
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("decode the answer to a batch: %w", err)
	}
	if answer.Version != Version {
		return answer, fmt.Errorf("answer to a batch: version %d is not known here, only version %d", answer.Version, Version)
	}
	if len(answer.Outcomes) != tickets {
		return answer, fmt.Errorf("answer to a batch: %d outcomes for %d tickets", len(answer.Outcomes), tickets)
	}
	return answer, nil
}
