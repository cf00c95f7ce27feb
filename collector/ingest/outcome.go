package ingest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// Status says what became of a submission.
type Status string

// The statuses. A duplicate has the very content of a ticket accepted before.
const (
	Accepted  Status = "accepted"
	Duplicate Status = "duplicate"
	Rejected  Status = "rejected"
)

// Outcome is what became of a submission, and how to answer it.
type Outcome struct {
	Status  Status
	Answer  Answer           // unless rejected
	Problem *problem.Problem // if rejected

	kept bool // the answer is stored already
}

// Answer is a successful answer to a single ticket, kept byte for byte under its idempotency key.
type Answer struct {
	Status   int
	Location string
	Body     []byte
}

// receipt is an answer's body. It is given before the ledger is asked, so it speaks of pending points only.
type receipt struct {
	TransactionID string    `json:"transactionId"`
	Status        Status    `json:"status"`
	Points        pending   `json:"points"`
	ReceivedAt    time.Time `json:"receivedAt"`
}

type pending struct {
	Pending int64 `json:"pending"`
}

// answered makes the outcome of a ticket that is in the hot state. Of a duplicate it is the first answer again, but for
// the status code.
func answered(status Status, transactionID string, points int64, receivedAt time.Time) Outcome {
	body, err := json.Marshal(receipt{transactionID, Accepted, pending{points}, receivedAt.UTC()})
	if err != nil {
		panic(err) // strings, numbers and a time of this era always encode
	}
	code := http.StatusCreated
	if status == Duplicate {
		code = http.StatusOK
	}
	return Outcome{Status: status, Answer: Answer{
		Status:   code,
		Location: "/v1/tickets/" + url.PathEscape(transactionID),
		Body:     append(body, '\n'),
	}}
}

func rejected(p *problem.Problem) Outcome { return Outcome{Status: Rejected, Problem: p} }

const headerLocation = "Location"

func (a Answer) stored(bodyHash []byte) hotstate.StoredAnswer {
	return hotstate.StoredAnswer{
		BodyHash: bodyHash,
		Status:   a.Status,
		Headers:  map[string]string{headerLocation: a.Location},
		Body:     a.Body,
	}
}

// replayed makes the outcome of a request whose answer is known.
func replayed(stored hotstate.StoredAnswer) Outcome {
	answer := Answer{Status: stored.Status, Location: stored.Headers[headerLocation], Body: stored.Body}
	return Outcome{Status: Duplicate, Answer: answer, kept: true}
}

func inFlight() *problem.Problem {
	p := problem.New(http.StatusConflict, "in-flight", "In flight",
		"a request with this Idempotency-Key is being carried out; ask again in a moment")
	p.RetryAfter = 1
	return p
}

func keyReused() *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "idempotency-key-reused", "Idempotency-Key used before",
		"this Idempotency-Key was used for another body within the last 24 hours; use a new one for a new request")
}

func unstorable() *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "invalid", "Invalid content",
		"the database cannot hold a value of this ticket; report it with the X-Request-Id of this answer")
}

func conflict(held hotstate.HeldTicket) *problem.Problem {
	p := problem.New(http.StatusConflict, "content-conflict", "Conflict with another ticket",
		"another ticket was accepted before, with other content; a ticket is never changed, a return or a void is a new one")
	if held.SameID {
		p.Errors = []problem.Field{{Pointer: "/transactionId", Rule: "transaction-id-used",
			Detail: "an accepted ticket of other content has this transactionId"}}
	} else {
		p.Errors = []problem.Field{{Pointer: "/sequenceNumber", Rule: "sequence-number-used",
			Detail: "ticket " + held.TransactionID + " has this number at this store, workstation and business day"}}
	}
	return p
}
