package upload

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/tillproof/tillproof/cli/client"
)

const (
	// shownRejects is how many rejected tickets are shown. A wrong file would
	// otherwise bury everything else.
	shownRejects = 20
	// shownErrors is how many errors of one ticket are shown.
	shownErrors = 5
)

// rejects tells the user of tickets that were refused, and keeps them for
// mending where a file for that was named.
type rejects struct {
	display *display
	path    string
	count   int
	file    *os.File // nil when not kept
	buffer  *bufio.Writer
	lines   *json.Encoder // into buffer
}

// newRejects creates the file first, so that a long run does not end in not
// being able to. An existing one is left alone: it may be the input.
func newRejects(display *display, path string) (*rejects, error) {
	r := &rejects{display: display, path: path}
	if path == "" {
		return r, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // tickets name members
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("create file of rejected tickets: %s exists; move it away or choose another name", path)
	} else if err != nil {
		return nil, fmt.Errorf("create file of rejected tickets: %w", err)
	}
	r.file, r.buffer = file, bufio.NewWriter(file)
	r.lines = json.NewEncoder(r.buffer)
	r.lines.SetEscapeHTML(false) // keeps a ticket's text as it was
	return r, nil
}

// close finishes the file, and leaves none when nothing was rejected.
func (r *rejects) close() error {
	if hidden := r.count - shownRejects; hidden > 0 {
		r.display.printf("… and %s more rejected%s", grouped(int64(hidden)), r.hint())
	}
	if r.file == nil {
		return nil
	}
	err := errors.Join(r.buffer.Flush(), r.file.Close())
	if err == nil && r.count == 0 {
		err = os.Remove(r.path)
	}
	if err != nil {
		return fmt.Errorf("write rejected tickets: %w", err)
	}
	return nil
}

func (r *rejects) hint() string {
	if r.file == nil {
		return "; --rejected FILE keeps them all"
	}
	return "; all are in " + r.path
}

// answered takes a ticket that the collector refused.
func (r *rejects) answered(from origin, text []byte, verdict answer) error {
	r.show(from, verdict.problem)
	return r.keep(newRejectedTicket(from, text, verdict))
}

// unsent takes what could not be sent.
func (r *rejects) unsent(refused refusal) error {
	r.show(refused.origin, refused.problem())
	return r.keep(newUnsentTicket(refused))
}

func (r *rejects) show(from origin, problem client.Problem) {
	if r.count++; r.count > shownRejects {
		return
	}
	if len(problem.Errors) == 0 {
		rule := cmp.Or(problem.Rule(), "no reason given")
		r.display.printf("%s: rejected: %s: %s", from, rule, problem.Detail)
	}
	for i, field := range problem.Errors {
		if i == shownErrors {
			r.display.printf("%s: … and %d more errors", from, len(problem.Errors)-i)
			break
		}
		r.display.printf("%s: rejected: %s %s: %s", from, field.Pointer, field.Rule, field.Detail)
	}
}

func (r *rejects) keep(kept rejectedTicket) error {
	if r.file == nil {
		return nil
	}
	if err := r.lines.Encode(kept); err != nil {
		return fmt.Errorf("write rejected ticket: %w", err)
	}
	return nil
}
