package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

// stallTimeout is how long a collector may leave a request without any sign
// of life. Under load it slows the reading down, but goes on answering.
const stallTimeout = time.Minute

var errStalled = errors.New("the collector has not answered for " + stallTimeout.String())

// answer is one line of the collector's response.
type answer struct {
	Line          int             `json:"line"`
	TransactionID string          `json:"transactionId"`
	Status        string          `json:"status"`
	Problem       json.RawMessage `json:"problem"` // as it came, for --rejected
	Summary       json.RawMessage `json:"summary"` // only in the last line

	problem client.Problem // Problem, read
}

// collector is the server's end of an upload.
type collector struct {
	http       *http.Client
	endpoint   string
	credential client.Credential
}

// send posts lines and hands each answer to take as it arrives. It returns how
// many were answered, and no error only if all were.
func (c *collector) send(ctx context.Context, body []byte, lines int, take func(answer) error) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(stallTimeout, func() { cancel(errStalled) })
	defer stall.Stop()

	response, err := c.post(ctx, body)
	if err != nil {
		return 0, stallOr(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, client.ReadStatusError(response)
	}
	answers := json.NewDecoder(response.Body)
	for answered := 0; ; answered++ {
		next, err := readAnswer(answers, answered, lines)
		if err != nil {
			return answered, stallOr(ctx, err)
		}
		if next.Summary != nil {
			return answered, nil
		}
		if err := take(next); err != nil {
			return answered, err
		}
		stall.Reset(stallTimeout)
	}
}

func (c *collector) post(ctx context.Context, body []byte) (*http.Response, error) {
	token, err := c.credential.Token(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Accept", "application/x-ndjson")
	return c.http.Do(request)
}

// readAnswer reads the answer to the ticket after the first answered ones, or
// the summary that follows the last.
func readAnswer(answers *json.Decoder, answered, lines int) (answer, error) {
	var next answer
	if err := answers.Decode(&next); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // a whole response ends with its summary
		}
		return answer{}, fmt.Errorf("read answers: %w", err)
	}
	if next.Problem != nil {
		if err := json.Unmarshal(next.Problem, &next.problem); err != nil {
			return answer{}, fmt.Errorf("read answers: problem: %w", err)
		}
	}
	// A line the collector could not take just now is no verdict on the ticket.
	// An internal error is one: else a single ticket could block all others.
	if status := next.problem.Status; status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		return answer{}, &client.StatusError{Status: next.problem.Status, Problem: next.problem}
	}
	if next.Summary != nil {
		if answered != lines {
			return answer{}, &protocolError{fmt.Sprintf("%d answers to %d tickets", answered, lines)}
		}
		return next, nil
	}
	if next.Line != answered+1 || answered == lines {
		return answer{}, &protocolError{fmt.Sprintf("an answer to line %d where line %d of %d was due", next.Line, answered+1, lines)}
	}
	return next, nil
}

// protocolError says that the server is not one this program understands.
type protocolError struct{ what string }

func (e *protocolError) Error() string {
	return "the collector's answers make no sense (" + e.what + "); is the address a collector of this version?"
}

// stallOr names the stall where err is only what follows from it.
func stallOr(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return cause
	}
	return err
}
