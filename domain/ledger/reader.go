package ledger

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// A reader takes fields off a value from its beginning. After the first failure it yields zeros, and finish reports it:
// decoders so read straight down, with one check at their end.
type reader struct {
	what    string
	version uint8
	rest    []byte
	err     error
}

// newReader begins to read a value of this package, whose first byte is one of the versions.
func newReader(what string, value []byte, versions ...uint8) *reader {
	r := &reader{what: what, rest: value}
	if len(versions) == 0 {
		versions = []uint8{Version}
	}
	if r.version = r.uint8(); r.err == nil && !slices.Contains(versions, r.version) {
		r.fail("version %d is not known here, only %v", r.version, versions)
	}
	return r
}

func (r *reader) fail(format string, arguments ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: "+format, append([]any{r.what}, arguments...)...)
	}
}

// take gives the next n bytes, which alias the value; nil once something has failed.
func (r *reader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n > len(r.rest) {
		r.fail("cut short: %d more bytes wanted, %d left", n, len(r.rest))
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) copy(into []byte) { copy(into, r.take(len(into))) }

func (r *reader) text(n int) string { return string(r.take(n)) }

func (r *reader) uint8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) int64() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// positive reads a number that must be more than zero.
func (r *reader) positive(what string) int64 {
	n := r.int64()
	if n <= 0 {
		r.fail("%d %s, want more than none", n, what)
	}
	return n
}

// mark reads whether something follows.
func (r *reader) mark(what string) bool {
	mark := r.uint8()
	if mark > 1 {
		r.fail("the mark of %s is %d, want 0 or 1", what, mark)
	}
	return mark == 1
}

// count checks a number of items before room is made for them.
func (r *reader) count(what string, n, most int) int {
	if n > most {
		r.fail("%d %s, want at most %d", n, what, most)
	}
	if r.err != nil {
		return 0
	}
	return n
}

// finish reports the first failure, or bytes left over: a value has exactly one form.
func (r *reader) finish() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail("%d bytes too many", len(r.rest))
	}
	return r.err
}

func appendInt64(dst []byte, v int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(v)) }
