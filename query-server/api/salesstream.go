package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tillproof/tillproof/query-server/live"
)

const (
	streamPath = "/v1/sales/stream"
	// A listener that takes nothing for so long is gone.
	eventTimeout = 10 * time.Second
)

// salesStream sends server-sent events: "sales" with sums that changed, "reload" when too much did, and "end" when the
// token is over. An event's id is the block up to which everything was told; a client that sends it back as Last-Event-ID
// is told first what it missed.
func (s *server) salesStream(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	since, resumed, err := lastEventID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	claims := caller(r)
	listener, err := s.Live.Listen(r.Context(), claims.Subject, claims.Actor())
	if err != nil {
		s.failStream(w, r, err)
		return
	}
	defer listener.Close()

	out := eventWriter{w, http.NewResponseController(w)}
	ctx, cancel := context.WithTimeout(r.Context(), claims.ExpiresAt.Sub(s.Issuer.Now()))
	defer cancel()
	first := []live.Event{{Block: listener.AsOf.Block, Final: true}}
	if resumed {
		if first, err = s.Live.Missed(ctx, listener, since); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	if err := out.begin(first); err != nil {
		return // the client has gone
	}
	if r.Method == http.MethodHead {
		return
	}
	for {
		event, more := listener.Next(ctx)
		if !more {
			break
		}
		if out.write(event) != nil {
			return
		}
	}
	if ctx.Err() != nil && r.Context().Err() == nil {
		out.write(live.Event{Kind: "end", Data: []byte(`{"reason":"token"}`)})
	}
}

func lastEventID(r *http.Request) (block int64, given bool, err error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		return 0, false, nil
	}
	block, err = strconv.ParseInt(text, 10, 64)
	if err != nil || block < -1 {
		return 0, false, problem{Type: "last-event-id", Title: "Bad Last-Event-ID", Status: http.StatusBadRequest,
			Detail: "Last-Event-ID must be the id of an event of this stream. Leave it out to begin now."}
	}
	return block, true, nil
}

func (s *server) failStream(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, live.ErrTooMany):
		w.Header().Set("Retry-After", "60")
		err = problem{Type: "too-many-streams", Title: "Too many streams", Status: http.StatusTooManyRequests,
			Detail: "You have as many streams open as a user may. Close some."}
	case errors.Is(err, live.ErrFull), errors.Is(err, live.ErrStopped):
		w.Header().Set("Retry-After", "5")
		err = problem{Type: "no-stream", Title: "No stream at the moment", Status: http.StatusServiceUnavailable,
			Detail: "This server takes no more streams at the moment. Try again in a few seconds."}
	}
	s.fail(w, r, err)
}

// eventWriter writes events as text/event-stream has them. Data is one line: JSON.
type eventWriter struct {
	w          http.ResponseWriter
	connection *http.ResponseController
}

func (o eventWriter) begin(first []live.Event) error {
	// The server's limits are for requests that end. Here every event has a limit of its own.
	if err := o.connection.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	header := o.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Accel-Buffering", "no") // proxies that gather answers would hold events back
	o.w.WriteHeader(http.StatusOK)
	for _, event := range first {
		if err := o.write(event); err != nil {
			return err
		}
	}
	return nil
}

func (o eventWriter) write(e live.Event) error {
	if err := o.connection.SetWriteDeadline(time.Now().Add(eventTimeout)); err != nil {
		return err
	}
	if e.Final {
		fmt.Fprintf(o.w, "id: %d\n", e.Block)
	}
	if e.Kind != "" {
		fmt.Fprintf(o.w, "event: %s\ndata: %s\n", e.Kind, e.Data)
	} else {
		fmt.Fprint(o.w, ": \n") // nothing new
	}
	if _, err := fmt.Fprint(o.w, "\n"); err != nil {
		return err
	}
	return o.connection.Flush()
}
