// Package ingest accepts tickets: checks them, decides what is new, what is a duplicate and what a conflict, and commits
// them in the hot state together with the answers under their idempotency keys. What it has accepted is never lost.
package ingest

import (
	"time"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// Submission is a ticket that is right in itself, and who sends it.
type Submission struct {
	Caller    auth.Caller
	Ticket    *ticket.Ticket
	Canonical []byte

	Key  *hotstate.IdempotencyKey // nil: none was given
	Sent []byte                   // the request's body as it was sent; with a Key only
}

// Read decodes a ticket and checks what can be checked without the hot state. With a problem, the submission holds the
// ticket as far as there is one, to name it by.
func Read(caller auth.Caller, data []byte, now time.Time) (Submission, *problem.Problem) {
	t, err := ticket.Decode(data)
	if err != nil {
		return Submission{}, problem.OfTicket(err)
	}
	submission := Submission{Caller: caller, Ticket: t}
	if problems := t.Check(now); len(problems) > 0 {
		return submission, problem.Invalid(problems...)
	}
	submission.Canonical = t.Canonical()
	return submission, nil
}

// checkStore refuses a store that is not registered or not the caller's. Of another's store the answer is that of a
// store that is not there.
func checkStore(caller auth.Caller, store hotstate.Store, registered bool, storeID string) *problem.Problem {
	field := problem.Field{Pointer: "/storeId", Rule: "unknown-store"}
	mine := caller.Role == auth.Admin || caller.Owns(storeID, store.RetailerID)
	switch {
	case mine && registered:
		return nil
	case mine:
		field.Detail = "this store is not registered; an administrator registers it with PUT /v1/stores/{storeId}"
	default:
		field.Detail = "you have no store with this id"
	}
	return problem.Invalid(field)
}
