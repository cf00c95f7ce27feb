package api

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tillproof/tillproof/collector/ndjson"
	"github.com/tillproof/tillproof/collector/problem"
)

// streamIdle is how long either side of a stream may do nothing.
const streamIdle = 2 * time.Minute

// stream is a request and its answer that flow at the same time, line by line, for as long as there is progress.
type stream struct {
	lines      *ndjson.Reader
	source     *patientReader
	body       io.Closer
	controller *http.ResponseController
	out        *bufio.Writer
	encoder    *json.Encoder
}

// openStream begins a stream. A content encoding that we do not know is refused before the answer begins.
func openStream(w http.ResponseWriter, r *http.Request, maxLine int) (*stream, error) {
	controller := http.NewResponseController(w)
	source := &patientReader{source: r.Body, controller: controller}
	body, err := ndjson.Decompress(source, r.Header.Get("Content-Encoding"))
	if errors.Is(err, ndjson.ErrEncoding) {
		return nil, problem.New(http.StatusUnsupportedMediaType, "content-encoding", "Content-Encoding not known",
			"send the lines as they are, or as gzip or zstd")
	}
	if err != nil {
		return nil, err
	}
	controller.EnableFullDuplex() // HTTP/2 is so by itself, and says that it cannot
	// net/http cannot use a connection again on which a full-duplex handler left a part of the body unread: it trips over
	// its own background read. An upload now and then can afford a connection of its own.
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(w, 32<<10)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return &stream{ndjson.NewReader(body, maxLine), source, body, controller, out, encoder}, nil
}

func (s *stream) Close() error { return s.body.Close() }

// interrupt ends the reading, also a read that waits for the caller.
func (s *stream) interrupt() {
	s.source.interrupted.Store(true)
	s.controller.SetReadDeadline(time.Unix(1, 0))
}

// write adds a line to the answer.
func (s *stream) write(line any) error { return s.encoder.Encode(line) }

// flush sends the lines written so far.
func (s *stream) flush() error {
	s.controller.SetWriteDeadline(time.Now().Add(streamIdle))
	if err := s.out.Flush(); err != nil {
		return err
	}
	return s.controller.Flush()
}

// patientReader gives every read its own time, in place of one time for the whole body.
type patientReader struct {
	source      io.Reader
	controller  *http.ResponseController
	interrupted atomic.Bool
	err         error // of the last read: after it there are no more
}

var errInterrupted = errors.New("interrupted")

func (p *patientReader) Read(buffer []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	p.controller.SetReadDeadline(time.Now().Add(streamIdle))
	if p.interrupted.Load() { // asked after the deadline was set: an interruption between the two is not lost
		return 0, errInterrupted
	}
	n, err := p.source.Read(buffer)
	p.err = err
	return n, err
}

// unreadable says after which line a stream broke off. What was answered before holds.
func unreadable(after int) *problem.Problem {
	return problem.New(http.StatusBadRequest, "incomplete", "Stream broken off",
		"nothing could be read after line %d: the connection or the compression is damaged; what was answered holds, send the rest again",
		after)
}

func lineTooLong(limit int) *problem.Problem { return problem.TooLarge("line", limit) }
