package upload

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tillproof/tillproof/domain/ticket"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// ticketReader reads the ticket format itself: NDJSON, or one ticket that may
// be spread over many lines. It looks at the content no further than that: what
// a good ticket is, the collector says.
type ticketReader struct {
	lines   *bufio.Reader
	line    int
	started bool
}

func newTicketReader(r io.Reader) recordReader {
	return &ticketReader{lines: newLines(r)}
}

// newLines makes room for the longest line the collector would take, and its
// line break.
func newLines(r io.Reader) *bufio.Reader {
	return bufio.NewReaderSize(r, ticket.MaxBytes+2)
}

func (r *ticketReader) next() (record, error) {
	if !r.started {
		r.started = true
		if whole, err := r.wholeFile(); whole != nil || err != nil {
			return record{line: 1, body: whole}, err
		}
	}
	for {
		line, err := r.lines.ReadSlice('\n')
		if len(line) == 0 && err != nil {
			return record{}, err
		}
		r.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			if err := r.skipLine(); err != nil {
				return record{}, err
			}
			return record{line: r.line, refusal: tooLarge}, nil
		}
		if err != nil && err != io.EOF {
			return record{}, fmt.Errorf("line %d: %w", r.line, err)
		}
		if line = bytes.TrimSpace(line); len(line) > ticket.MaxBytes {
			return record{line: r.line, refusal: tooLarge}, nil
		} else if len(line) > 0 {
			return record{line: r.line, body: line}, nil
		}
	}
}

var tooLarge = fmt.Sprintf("the line is longer than the %d bytes a ticket may have", ticket.MaxBytes)

// skipLine passes over what is left of a line that does not fit the buffer.
func (r *ticketReader) skipLine() error {
	for {
		_, err := r.lines.ReadSlice('\n')
		switch {
		case err == nil || err == io.EOF:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("line %d: %w", r.line, err)
		}
	}
}

// wholeFile returns the file as one ticket where it is one spread over lines,
// else nothing, having consumed nothing but a byte order mark. Only a first
// line that is no JSON by itself makes it read on, so that a slow standard
// input of good lines is not held up.
func (r *ticketReader) wholeFile() ([]byte, error) {
	if mark, _ := r.lines.Peek(len(byteOrderMark)); bytes.Equal(mark, byteOrderMark) {
		_, _ = r.lines.Discard(len(byteOrderMark)) // just seen there
	}
	first, err := r.lines.ReadSlice('\n')
	first = bytes.Clone(first)
	if err == nil && len(bytes.TrimSpace(first)) > 0 && !json.Valid(first) {
		rest, err := io.ReadAll(io.LimitReader(r.lines, ticket.MaxBytes))
		if err != nil {
			return nil, err
		}
		whole := append(first, rest...)
		if json.Valid(whole) && bytes.TrimSpace(whole)[0] == '{' {
			return compact(whole)
		}
		if opening := bytes.TrimSpace(first[:bytes.IndexByte(first, '\n')]); isSpreadOut(opening) {
			return nil, errors.New("neither NDJSON (a ticket a line) nor a single ticket of at most 1 MiB; `jq -c` (for an array: `jq -c '.[]'`) makes NDJSON of it")
		}
		first = whole
	}
	r.lines = newLines(io.MultiReader(bytes.NewReader(first), r.lines))
	return nil, nil
}

// isSpreadOut tells the first line of indented JSON from a broken ticket: to
// send indented JSON line by line would have every line refused.
func isSpreadOut(line []byte) bool {
	return string(line) == "{" || bytes.HasPrefix(line, []byte("["))
}

func compact(document []byte) ([]byte, error) {
	var line bytes.Buffer
	if err := json.Compact(&line, document); err != nil {
		return nil, err
	}
	return line.Bytes(), nil
}
