package upload

import (
	"encoding/json"

	"github.com/tillproof/tillproof/cli/client"
)

// rejectedTicket is one line of the rejected file.
type rejectedTicket struct {
	File          string          `json:"file"`
	Line          int             `json:"line"`
	TransactionID string          `json:"transactionId,omitempty"`
	Problem       json.RawMessage `json:"problem"`
	Remedy        string          `json:"remedy"`
	Ticket        json.RawMessage `json:"ticket,omitempty"` // as it was sent
	Text          string          `json:"text,omitempty"`   // instead, where it is no JSON
}

func newRejectedTicket(from origin, text []byte, verdict answer) rejectedTicket {
	kept := rejectedTicket{
		File: from.file, Line: from.line, TransactionID: verdict.TransactionID,
		Problem: verdict.Problem, Remedy: remedy(verdict.problem),
	}
	if kept.Problem == nil {
		kept.Problem = json.RawMessage("{}") // the collector gave none
	}
	if json.Valid(text) {
		kept.Ticket = text
	} else {
		kept.Text = string(text)
	}
	return kept
}

func newUnsentTicket(refused refusal) rejectedTicket {
	problem, err := json.Marshal(refused.problem())
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return rejectedTicket{
		File: refused.file, Line: refused.line, Problem: problem, Remedy: remedyUnsent, Text: string(refused.text),
	}
}

// What to do about a ticket that was refused.
const (
	remedyMend   = "mend what the problem names and send the ticket again, under the same transactionId"
	remedyUnsent = "mend what the problem names and send the file again; what was taken already counts as duplicate"
	remedyStore  = "have the store registered, or use a credential of this store, and send the ticket again as it is"
	remedyOther  = "an accepted ticket is never changed: what corrects it is a Return or a PostVoid of its own; " +
		"another sale needs a transactionId and a sequenceNumber of its own"
)

func remedy(problem client.Problem) string {
	if problem.Rule() == "content-conflict" {
		return remedyOther
	}
	for _, field := range problem.Errors {
		if field.Rule == "unknown-store" {
			return remedyStore
		}
	}
	return remedyMend
}
