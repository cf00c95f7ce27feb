package ticket

import (
	"errors"
	"fmt"
)

// MaxProblems bounds the problems listed of one ticket: enough to mend it by,
// and an answer of bounded size.
const MaxProblems = 50

// Problem is one thing that is wrong with a ticket. Its texts hold field
// names, numbers and dates, never a member, an operator or a reference.
type Problem struct {
	Pointer string `json:"pointer"` // JSON pointer (RFC 6901) to the field
	Rule    string `json:"rule"`    // stable, kebab-case
	Detail  string `json:"detail"`  // what is wrong and what to do
}

// ErrTooLarge is in the chain of the error for a text over MaxBytes.
var ErrTooLarge = errors.New("ticket is larger than 1 MiB")

// SyntaxError says that a text is not one JSON value that every reader would
// understand alike, so that no ticket can be seen in it.
type SyntaxError struct {
	Offset  int64  // bytes before the fault
	Pointer string // JSON pointer to the value it is in
	Err     error
}

func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("read ticket at byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("read ticket at byte %d (%s): %v", e.Offset, e.Pointer, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Invalid says that a text is JSON but not a ticket. It lists the first
// MaxProblems problems.
type Invalid struct {
	Problems []Problem
}

func (e *Invalid) Error() string {
	first := e.Problems[0]
	text := fmt.Sprintf("ticket refused: %s: %s", first.Pointer, first.Detail)
	if more := len(e.Problems) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
