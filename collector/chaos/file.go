package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	fileTickets  = 40
	betweenFiles = time.Second
)

// runFiles uploads files while the shop is open, and each file again until every line of it is acknowledged.
func (s *system) runFiles(selling, uploading context.Context, b *book, t *till) {
	for sleep(selling, betweenFiles) == nil {
		var file []*ticket
		for len(file) < fileTickets {
			file = append(file, t.trade()...)
		}
		for _, k := range file {
			b.sending(k)
		}
		for open := file; ; b.count(&b.resent) {
			if open = s.sendFile(uploading, b, open); len(open) == 0 {
				break
			}
			if sleep(uploading, resendPause) != nil {
				return
			}
		}
	}
}

// sendFile gives the tickets that got no answer.
func (s *system) sendFile(ctx context.Context, b *book, file []*ticket) []*ticket {
	var lines bytes.Buffer
	for _, k := range file {
		lines.Write(k.body)
		lines.WriteByte('\n')
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.servers.Collector+"/v1/ticket-files", &lines)
	if err != nil {
		return file
	}
	request.Header.Set("Authorization", "Bearer "+s.tillKey)
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := s.client.Do(request)
	if err != nil {
		return file
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return file
	}
	return readAnswers(response.Body, b, file)
}

// readAnswers takes the answers as far as they come: each holds, even if the connection breaks after it.
func readAnswers(body io.Reader, b *book, file []*ticket) (open []*ticket) {
	answers := json.NewDecoder(body)
	for i, k := range file {
		var answer struct {
			TransactionID, Status string
			Problem               json.RawMessage
		}
		err := answers.Decode(&answer)
		if err != nil && !errors.Is(err, io.EOF) || answer.TransactionID == "" {
			return file[i:]
		}
		switch {
		case answer.TransactionID != k.id:
			b.complain("line %d of a file answers for ticket %s, and should for %s", i+1, answer.TransactionID, k.id)
		case answer.Status == "accepted", answer.Status == "duplicate":
			b.acknowledge(k)
		default:
			b.complain("ticket %s of a file was %s: %s", k.id, answer.Status, answer.Problem)
		}
	}
	return nil
}
