package upload

import (
	"fmt"
	"io"

	"github.com/tillproof/tillproof/cli/eterticket"
	"github.com/tillproof/tillproof/domain/ticket"
)

// eterticketReader reads the older format, one sale a file. A file that is no
// good is one refused ticket: the others of its folder have nothing to do with
// it.
type eterticketReader struct {
	content io.Reader
	done    bool
}

func newEterticketReader(r io.Reader) recordReader { return &eterticketReader{content: r} }

func (r *eterticketReader) next() (record, error) {
	if r.done {
		return record{}, io.EOF
	}
	r.done = true
	content, err := io.ReadAll(io.LimitReader(r.content, ticket.MaxBytes+1))
	if err != nil {
		return record{}, err
	}
	if len(content) > ticket.MaxBytes {
		return record{line: 1, refusal: fmt.Sprintf("the file is larger than %d bytes; it holds one sale", ticket.MaxBytes)}, nil
	}
	converted, err := eterticket.Convert(content)
	if err != nil {
		return record{line: 1, body: content, refusal: err.Error()}, nil
	}
	return record{line: 1, body: converted.Canonical()}, nil
}
