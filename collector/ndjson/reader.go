// Package ndjson reads JSON texts that stand one to a line, in files of any size and from anywhere: plain, gzip or zstd.
package ndjson

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const bufferBytes = 64 << 10

var byteOrderMark = []byte("\xef\xbb\xbf")

// Line is a line that is not blank.
type Line struct {
	Number  int // from 1; blank lines count
	Data    []byte
	TooLong bool // the line was passed over
}

// Reader reads lines of limited length, the last one with or without a newline at its end.
type Reader struct {
	buffer *bufio.Reader
	limit  int
	number int
}

// NewReader makes a reader of lines of at most limit bytes.
func NewReader(r io.Reader, limit int) *Reader {
	return &Reader{buffer: bufio.NewReaderSize(r, bufferBytes), limit: limit}
}

// Next gives the next line, whose Data is the caller's, or io.EOF.
func (r *Reader) Next() (Line, error) {
	for {
		data, tooLong, err := r.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return Line{}, err
		}
		r.number++
		if r.number == 1 {
			data = bytes.TrimPrefix(data, byteOrderMark)
		}
		data = bytes.TrimSpace(data)
		if tooLong || len(data) > 0 {
			return Line{Number: r.number, Data: data, TooLong: tooLong}, nil
		}
		if err != nil {
			return Line{}, io.EOF
		}
	}
}

// line reads up to a newline or the end. Of a line beyond the limit it keeps nothing.
func (r *Reader) line() (data []byte, tooLong bool, err error) {
	for {
		part, err := r.buffer.ReadSlice('\n')
		if !tooLong && len(data)+len(bytes.TrimRight(part, "\r\n")) > r.limit {
			data, tooLong = nil, true
		}
		if !tooLong {
			data = append(data, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return data, tooLong, err
		}
	}
}
