package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// uploads is how many files are sent at once.
const uploads = 2

// files sends tickets in files, at a rate or (0) as quick as they are taken, and waits until all of them have landed.
func (s *system) files(ctx context.Context, tickets int, rate float64) (Throughput, error) {
	bodies := s.work.many(tickets)
	errs := make([]error, uploads)
	var sent sync.WaitGroup
	began := time.Now()
	for part := range uploads {
		mine := bodies[part*tickets/uploads : (part+1)*tickets/uploads]
		sent.Go(func() { errs[part] = s.upload(ctx, mine, rate/uploads) })
	}
	sent.Wait()
	accepted := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return Throughput{}, err
		}
	}
	landed, err := s.awaitLanded(ctx)
	if err != nil {
		return Throughput{}, err
	}
	result := throughput(tickets, landed.Sub(began))
	result.AcceptedPerSecond = float64(tickets) / accepted.Seconds()
	return result, nil
}

// accountedFiles does the same as quick as it goes, and tells what was on the ledger before and where the time went.
func (s *system) accountedFiles(ctx context.Context, tickets int) (Throughput, error) {
	var there int
	if err := s.pool.QueryRow(ctx, "select count(*) from view.tickets").Scan(&there); err != nil {
		return Throughput{}, fmt.Errorf("count the tickets on the ledger: %w", err)
	}
	before := s.processorTime()
	result, err := s.files(ctx, tickets, 0)
	result.TicketsBefore, result.Processors = there, eachTicket(before, s.processorTime(), tickets)
	return result, err
}

// upload sends one file, and makes sure that each of its lines is accepted.
func (s *system) upload(ctx context.Context, tickets [][]byte, rate float64) error {
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(writeLines(writer, tickets, rate)) }()
	defer reader.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.collector("/v1/ticket-files"), reader)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.admin)
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	accepted, refusal, err := readAnswers(response.Body)
	if err == nil && accepted != len(tickets) {
		err = fmt.Errorf("%w: %d of a file's %d tickets: %s %s", errRefused, accepted, len(tickets), response.Status, refusal)
	}
	return err
}

// readAnswers counts the accepted lines, and gives the first problem among the others.
func readAnswers(body io.Reader) (accepted int, refusal json.RawMessage, err error) {
	answers := json.NewDecoder(body)
	for {
		var line struct {
			Status  string
			Problem json.RawMessage
		}
		if err := answers.Decode(&line); errors.Is(err, io.EOF) {
			return accepted, refusal, nil
		} else if err != nil {
			return accepted, refusal, err
		}
		if line.Status == "accepted" {
			accepted++
		} else if refusal == nil {
			refusal = line.Problem
		}
	}
}

func writeLines(to io.Writer, tickets [][]byte, rate float64) error {
	buffered := bufio.NewWriterSize(to, 64<<10)
	began := time.Now()
	for i, ticket := range tickets {
		if rate > 0 && i%20 == 0 {
			if err := buffered.Flush(); err != nil {
				return err
			}
			time.Sleep(time.Until(began.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		}
		if _, err := buffered.Write(ticket); err != nil {
			return err
		}
		if err := buffered.WriteByte('\n'); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
