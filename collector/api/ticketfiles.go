package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/ndjson"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/domain/ticket"
)

// A file's tickets are accepted in groups: whatever has been read while the group before was committed. The limits bound
// the memory of an upload, however long it is.
const (
	maxGroupLines = 500
	maxGroupBytes = 4 << 20
)

// Outages of the hot state are waited out for about half a minute.
const (
	outageAttempts = 8
	outagePause    = 250 * time.Millisecond
	groupTimeout   = time.Minute
)

// ticketLine answers a line of the file.
type ticketLine struct {
	Line          int              `json:"line"`
	TransactionID string           `json:"transactionId,omitempty"`
	Status        ingest.Status    `json:"status"`
	Problem       *problem.Problem `json:"problem,omitempty"`
}

// ticketSummary is the answer's last line. Without it the file was not read to its end.
type ticketSummary struct {
	Accepted  int `json:"accepted"`
	Duplicate int `json:"duplicate"`
	Rejected  int `json:"rejected"`
}

func (t *ticketSummary) count(status ingest.Status) {
	switch status {
	case ingest.Accepted:
		t.Accepted++
	case ingest.Duplicate:
		t.Duplicate++
	default:
		t.Rejected++
	}
}

// postTicketFile accepts a file of tickets, and answers line by line while it reads.
func (s *Server) postTicketFile(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	stream, err := openStream(w, r, ticket.MaxBytes)
	if err != nil {
		return err
	}
	defer stream.Close()
	upload := &upload{server: s, stream: stream, caller: caller, requestID: aboutRequest(r).id,
		lines: make(chan uploadedLine, maxGroupLines), budget: semaphore.NewWeighted(maxGroupBytes)}
	return upload.run(r.Context())
}

// upload is one file on its way: a reader that decodes ahead, and a writer that accepts and answers. The channel and the
// budget between them let the reader wait when the hot state is slower than the caller.
type upload struct {
	server    *Server
	stream    *stream
	caller    auth.Caller
	requestID string
	lines     chan uploadedLine
	budget    *semaphore.Weighted // bytes read and not yet answered
	readErr   error               // why there are no more lines; set before lines is closed
	summary   ticketSummary
}

type uploadedLine struct {
	number     int
	bytes      int64
	submission ingest.Submission
	problem    *problem.Problem
}

func (u *upload) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(u.lines)
		u.readErr = u.read(ctx)
	}()
	finished := false
	defer func() { // after a panic too: the body may not be read any more once the handler has returned
		cancel()
		if !finished {
			u.stream.interrupt()
		}
		<-done
	}()
	err := u.answer(ctx)
	finished = err == nil
	return err
}

// read decodes line after line until the end of the file.
func (u *upload) read(ctx context.Context) error {
	for {
		line, err := u.stream.lines.Next()
		if err != nil {
			return err
		}
		read := u.decode(line)
		if err := u.budget.Acquire(ctx, read.bytes); err != nil {
			return err
		}
		select {
		case u.lines <- read:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// decode reads the ticket of a line. It does not run under the server's own recovery, so a panic is this line's problem.
func (u *upload) decode(line ndjson.Line) (read uploadedLine) {
	read = uploadedLine{number: line.Number, bytes: int64(len(line.Data))}
	defer func() {
		if recovered := recover(); recovered != nil {
			u.server.logPanic(u.requestID, recovered)
			read.problem = problem.Internal()
		}
	}()
	if line.TooLong {
		read.problem = lineTooLong(ticket.MaxBytes)
		return read
	}
	read.submission, read.problem = ingest.Read(u.caller, line.Data, u.server.Clock())
	return read
}

// answer takes groups until there are no more lines.
func (u *upload) answer(ctx context.Context) error {
	last := 0
	for {
		group, err := u.gather(ctx)
		if err != nil {
			return u.breakOff(err, problem.Unavailable())
		}
		if len(group) == 0 {
			break
		}
		if err := u.awaitRoom(ctx); err != nil {
			return u.breakOff(err, problem.Behind())
		}
		if err := u.accept(ctx, group); err != nil {
			return u.breakOff(err, problem.Unavailable())
		}
		last = group[len(group)-1].number
	}
	if !errors.Is(u.readErr, io.EOF) {
		return u.breakOff(u.readErr, unreadable(last))
	}
	if err := u.stream.write(map[string]ticketSummary{"summary": u.summary}); err != nil {
		return err
	}
	return u.stream.flush()
}

// breakOff ends the answer with the problem in place of a summary. If nothing was answered yet, the problem is the whole
// answer, with a status of its own.
func (u *upload) breakOff(cause error, p *problem.Problem) error {
	u.server.Log.Warn("ticket file broken off", "request_id", u.requestID, "error", cause)
	if u.summary == (ticketSummary{}) {
		return p
	}
	u.stream.write(map[string]*problem.Problem{"problem": p})
	u.stream.flush()
	return p
}

var errStopping = errors.New("the collector is being stopped")

// gather waits for a line and takes along what else is there. An empty group is the end of the file.
func (u *upload) gather(ctx context.Context) (group []uploadedLine, err error) {
	select {
	case line, open := <-u.lines:
		if !open {
			return nil, nil
		}
		group = append(group, line)
	case <-u.server.Stopping:
		return nil, errStopping
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for len(group) < maxGroupLines {
		select {
		case line, open := <-u.lines:
			if !open {
				return group, nil
			}
			group = append(group, line)
		default:
			return group, nil
		}
	}
	return group, nil
}

// accept commits a group and answers its lines in order.
func (u *upload) accept(ctx context.Context, group []uploadedLine) error {
	var submissions []ingest.Submission
	var size int64
	for _, line := range group {
		size += line.bytes
		if line.problem == nil {
			submissions = append(submissions, line.submission)
		}
	}
	defer u.budget.Release(size)
	outcomes, err := u.server.acceptPatiently(ctx, submissions)
	if err != nil {
		return err
	}
	for _, line := range group {
		answer := ticketLine{Line: line.number, Status: ingest.Rejected, Problem: line.problem}
		if line.submission.Ticket != nil {
			answer.TransactionID = line.submission.Ticket.TransactionID
		}
		if line.problem == nil {
			answer.Status, answer.Problem = outcomes[0].Status, outcomes[0].Problem
			outcomes = outcomes[1:]
		}
		u.summary.count(answer.Status)
		u.server.metrics.tickets.WithLabelValues(string(answer.Status)).Inc()
		if err := u.stream.write(answer); err != nil {
			return err
		}
	}
	return u.stream.flush()
}

// acceptPatiently waits for its turn, and waits an outage out: a file slows down, it loses nothing.
func (s *Server) acceptPatiently(ctx context.Context, submissions []ingest.Submission) ([]ingest.Outcome, error) {
	if len(submissions) == 0 {
		return nil, nil
	}
	select {
	case s.fileGroups <- struct{}{}:
		defer func() { <-s.fileGroups }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	pause := outagePause
	for attempt := 1; ; attempt++ {
		outcomes, err := s.acceptGroup(ctx, submissions)
		if err == nil || !errors.Is(err, ingest.ErrUnavailable) || attempt == outageAttempts {
			return outcomes, err
		}
		select {
		case <-time.After(pause):
		case <-s.Stopping:
			return nil, errStopping
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		pause *= 2
	}
}

func (s *Server) acceptGroup(ctx context.Context, submissions []ingest.Submission) ([]ingest.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, groupTimeout)
	defer cancel()
	return s.TicketGroups.Accept(ctx, submissions)
}
