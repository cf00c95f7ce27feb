// Package problem is how the collector says no: RFC 9457 problem details, whether as a whole answer or as one line of a
// file's.
package problem

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/tillproof/tillproof/domain/ticket"
)

// ContentType is the media type of a problem that is a whole answer.
const ContentType = "application/problem+json"

// A Problem is safe to show to the caller: it never holds an internal error's text.
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []Field `json:"errors,omitempty"` // of bad fields

	RetryAfter int `json:"-"` // seconds; 0: no such header
}

// Field is what is wrong with one field.
type Field = ticket.Problem

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s", p.Title, p.Detail) }

// New makes a problem. The kind is the last part of its type, in kebab-case, and does not change between versions.
func New(status int, kind, title, detail string, args ...any) *Problem {
	if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	return &Problem{Type: "urn:tillproof:problem:" + kind, Title: title, Status: status, Detail: detail}
}

// Invalid says which fields are wrong.
func Invalid(fields ...Field) *Problem {
	p := New(http.StatusUnprocessableEntity, "invalid", "Invalid content",
		"%s", plural(len(fields), "one field is wrong", "fields are wrong"))
	p.Errors = fields
	return p
}

// NotFound is also the answer to who asks for what is another's.
func NotFound(what string) *Problem {
	return New(http.StatusNotFound, "not-found", "Not found", "there is no such %s", what)
}

// Unavailable asks the caller to come again.
func Unavailable() *Problem {
	p := New(http.StatusServiceUnavailable, "unavailable", "Temporarily unavailable",
		"the request could not be carried out now; send it again, with the same Idempotency-Key if it has one")
	p.RetryAfter = 2
	return p
}

// Behind asks the caller to come again when the ledger has caught up.
func Behind() *Problem {
	p := New(http.StatusServiceUnavailable, "backlog-full", "The ledger is behind",
		"too many accepted tickets wait for the ledger; send this again later, with the same Idempotency-Key if it has one")
	p.RetryAfter = 5
	return p
}

// Internal tells nothing: the log does.
func Internal() *Problem {
	return New(http.StatusInternalServerError, "internal", "Internal error",
		"something went wrong here; if it happens again, report it with the X-Request-Id of this answer")
}

// OfTicket turns an error of ticket.Decode into a problem.
func OfTicket(err error) *Problem {
	var invalid *ticket.Invalid
	var syntax *ticket.SyntaxError
	switch {
	case errors.Is(err, ticket.ErrTooLarge):
		return TooLarge("ticket", ticket.MaxBytes)
	case errors.As(err, &invalid):
		return Invalid(invalid.Problems...)
	case errors.As(err, &syntax):
		p := New(http.StatusBadRequest, "malformed", "Malformed JSON", "%s", syntax.Error())
		p.Errors = []Field{{Pointer: syntax.Pointer, Rule: "json", Detail: syntax.Err.Error()}}
		return p
	}
	return Internal()
}

// TooLarge says what a body's limit is.
func TooLarge(what string, limit int) *Problem {
	return New(http.StatusRequestEntityTooLarge, "too-large", "Too large", "a %s has at most %d bytes", what, limit)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf("%d %s", n, many)
}
