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
)

// An Answer is the chaincode's answer to a batch. It stands in the block for all to read, and therefore says nothing
// that could join a ticket to its points.
type Answer struct {
	Version  int            `json:"version"`
	Outcomes string         `json:"outcomes"`          // one letter a ticket, in the order of the batch
	Already  map[int]string `json:"already,omitempty"` // index → the transaction that recorded it
	Reasons  map[int]string `json:"reasons,omitempty"` // index → why it was refused
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
