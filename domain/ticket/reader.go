package ticket

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds nesting. A ticket needs five levels; more can only stand in
// a field that is refused anyway, and is not worth walking.
const maxDepth = 16

// reader walks one JSON text along the ticket's schema. A fault in the JSON
// itself is kept in err and ends the walk; what is wrong with the content is
// gathered in problems, and the walk goes on. Duplicate names and invalid
// UTF-8 are found by jsontext.
type reader struct {
	json     *jsontext.Decoder
	source   bytes.Buffer
	scratch  []byte     // for strings with escapes
	lines    []LineItem // room for those of a ticket, whose number is known at the end
	err      error
	problems []Problem
}

var readers = sync.Pool{New: func() any {
	r := &reader{}
	r.json = jsontext.NewDecoder(&r.source)
	return r
}}

// newReader takes a reader from the pool; its buffers are what is reused.
func newReader(data []byte) *reader {
	r := readers.Get().(*reader)
	r.source = *bytes.NewBuffer(data) // only read from: jsontext parses it in place
	r.json.Reset(&r.source)
	return r
}

func (r *reader) release() {
	r.source = bytes.Buffer{}
	r.json.Reset(&r.source)
	r.err, r.problems = nil, nil
	readers.Put(r)
}

// finish makes sure that nothing follows the value.
func (r *reader) finish() {
	if r.err != nil {
		return
	}
	if _, err := r.json.ReadToken(); err == nil {
		r.fail(errors.New("a second value follows the ticket"))
	} else if err != io.EOF {
		r.fail(err)
	}
}

// fail ends the walk with a fault of the JSON text.
func (r *reader) fail(err error) {
	if r.err != nil {
		return
	}
	fault := &SyntaxError{Offset: r.json.InputOffset(), Err: err}
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		fault.Offset, fault.Pointer = syntactic.ByteOffset, string(syntactic.JSONPointer)
		fault.Err = fmt.Errorf("field given twice: %w", jsontext.ErrDuplicateName)
	case errors.As(err, &syntactic):
		fault.Offset, fault.Pointer, fault.Err = syntactic.ByteOffset, string(syntactic.JSONPointer), syntactic.Err
	case err == io.EOF:
		fault.Err = errors.New("there is no JSON value")
	}
	fault.Pointer = shorten(fault.Pointer)
	r.err = fault
}

// refuse notes a problem with the value read last.
func (r *reader) refuse(rule, format string, args ...any) {
	r.refuseAt(string(r.json.StackPointer()), rule, format, args...)
}

func (r *reader) refuseAt(pointer, rule, format string, args ...any) {
	if r.err == nil && len(r.problems) < MaxProblems {
		r.problems = append(r.problems, Problem{pointer, rule, fmt.Sprintf(format, args...)})
	}
}

// skip passes over the next value, whatever it is.
func (r *reader) skip() {
	depth := r.json.StackDepth()
	for r.err == nil {
		if _, err := r.json.ReadToken(); err != nil {
			r.fail(err)
		} else if now := r.json.StackDepth(); now > maxDepth {
			r.fail(fmt.Errorf("nested deeper than %d levels", maxDepth))
		} else if now == depth {
			return
		}
	}
}

// expect reports whether the next value is of kind; if not, it passes over it
// and notes the problem.
func (r *reader) expect(kind jsontext.Kind) bool {
	if r.err != nil {
		return false
	}
	found := r.json.PeekKind()
	if found == kind {
		return true
	}
	r.skip()
	if found == jsontext.KindNull {
		r.refuse("schema/type", "must be %s and is null; leave the field out when there is no value", kindName(kind))
	} else {
		r.refuse("schema/type", "must be %s and is %s", kindName(kind), kindName(found))
	}
	return false
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "true or false"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	default:
		return "an array"
	}
}

// token reads a bracket.
func (r *reader) token() {
	if _, err := r.json.ReadToken(); err != nil {
		r.fail(err)
	}
}

// raw reads a scalar as it stands. The bytes hold until the next read.
func (r *reader) raw() []byte {
	value, err := r.json.ReadValue()
	if err != nil {
		r.fail(err)
		return nil
	}
	return value
}

// unquoted returns what a raw string means. The bytes hold until the next call.
func (r *reader) unquoted(raw []byte) []byte {
	if len(raw) < 2 {
		return nil // after a failure
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	r.scratch, _ = jsontext.AppendUnquote(r.scratch[:0], raw) // raw has been read, so it is valid
	return r.scratch
}

// shorten keeps names that a client made up from filling an answer.
func shorten(text string) string {
	const limit = 100
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && text[end]&0xC0 == 0x80 { // not inside a character
		end--
	}
	return text[:end] + "…"
}
