package api

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// passIdle is how long a client may send nothing of a body that is passed on, or take nothing of an answer.
const passIdle = 2 * time.Minute

// A passedBody is a request's body on its way to the collector.
type passedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	whole      atomic.Bool // all of it was read
	reading    sync.Mutex
}

func (b *passedBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if err := b.connection.SetReadDeadline(time.Now().Add(passIdle)); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.whole.Store(true)
	}
	return n, err
}

// end is for when the collector has had enough. The server would wait for the rest of the body, which a client that sends a
// byte now and then never ends. It also waits for a read that is under way: net/http, ending that one itself, would forget the
// deadline.
func (b *passedBody) end() {
	if b.whole.Load() {
		return
	}
	b.connection.SetReadDeadline(time.Unix(1, 0))
	b.reading.Lock()
	defer b.reading.Unlock()
}

// A passedAnswer is the collector's answer on its way to the client.
type passedAnswer struct {
	http.ResponseWriter
	connection *http.ResponseController
}

func (a passedAnswer) Write(p []byte) (int, error) {
	if err := a.connection.SetWriteDeadline(time.Now().Add(passIdle)); err != nil {
		return 0, err
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (a passedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
