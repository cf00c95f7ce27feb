package proof

import (
	"encoding/hex"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A Report is the outcome of a verification for programs: what the command line gives as JSON, and the browser shows.
type Report struct {
	Proven  bool            `json:"proven"`
	Problem string          `json:"problem,omitzero"` // why it is not
	Shown   jsontext.Value  `json:"shown,omitzero"`
	Log     *LogReport      `json:"log,omitzero"`
	Anchor  *AnchoredReport `json:"ethereum,omitzero"`
	Steps   []Step          `json:"steps"`
	Words   []string        `json:"onlyTheWordOf"` // whose word it is, in a sentence each
}

// A LogReport is where the ticket stands in the log.
type LogReport struct {
	Channel    string    `json:"channel"`
	TicketKey  string    `json:"ticketKey"`
	Commitment string    `json:"commitment"`
	Index      int64     `json:"index"`
	Size       int64     `json:"size"`
	Root       string    `json:"root"`
	Witnessed  time.Time `json:"witnessed,omitzero"`
}

// An AnchoredReport is where on Ethereum the log's root stands, written as Ethereum's own tools write such things.
type AnchoredReport struct {
	ChainID     uint64    `json:"chainId"`
	Contract    string    `json:"contract"`
	Epoch       uint64    `json:"epoch"`
	Size        uint64    `json:"size"`
	Root        string    `json:"root"`
	Block       uint64    `json:"block"`
	BlockHash   string    `json:"blockHash"`
	Time        time.Time `json:"time"`
	Transaction string    `json:"transaction"`
}

// Report gives what was proven.
func (v *Verified) Report() Report {
	r := Report{
		Proven: true, Shown: v.Shown, Steps: v.Steps, Words: v.Words,
		Log: &LogReport{
			Channel: v.Channel, TicketKey: v.TicketKey.String(), Commitment: hex.EncodeToString(v.Commitment[:]),
			Index: v.Index, Size: v.Log.Size, Root: hex.EncodeToString(v.Log.Root[:]), Witnessed: v.Witnessed,
		},
	}
	if a := v.Anchored; a != nil {
		r.Anchor = &AnchoredReport{
			ChainID: a.ChainID, Contract: a.Contract.String(), Epoch: a.Epoch, Size: a.Next.Size, Root: "0x" + hex.EncodeToString(a.Next.Root[:]),
			Block: a.Number, BlockHash: a.Block.String(), Time: a.Time, Transaction: a.Transaction.String(),
		}
	}
	return r
}

// NotProven gives why nothing was.
func NotProven(why error) Report {
	return Report{Problem: why.Error(), Steps: []Step{}, Words: []string{}}
}
