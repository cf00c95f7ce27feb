package upload

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

// testCollector answers POST /v1/ticket-files as the API says, from memory:
// the seam at which an upload ends.
type testCollector struct {
	*httptest.Server
	token string

	mu       sync.Mutex
	held     map[string][sha256.Size]byte // by transaction id
	requests int
	// fault, if set, is asked before each line is taken (line 0: before the
	// first is read) and may break the request off in its own way.
	fault func(request, line int, w http.ResponseWriter) error
	// late is the same after a line was taken, before it is answered.
	late func(request, line int, w http.ResponseWriter) error
}

// errHandled ends a request that a fault has answered itself.
var errHandled = errors.New("handled")

func newTestCollector(t *testing.T) *testCollector {
	c := &testCollector{token: "secret", held: map[string][sha256.Size]byte{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *testCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.requests++
	request := c.requests
	c.mu.Unlock()
	if r.Method != http.MethodPost || r.URL.Path != "/v1/ticket-files" {
		http.NotFound(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+c.token {
		writeProblem(w, http.StatusUnauthorized, "no valid token")
		return
	}
	if err := ask(c.fault, request, 0, w); err != nil {
		return
	}
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex()
	lines := bufio.NewReader(r.Body)
	answers := json.NewEncoder(w)
	count := map[string]int{"accepted": 0, "duplicate": 0, "rejected": 0}
	for line := 1; ; line++ {
		text, err := lines.ReadBytes('\n')
		if err == io.EOF && len(text) == 0 {
			break
		}
		if ask(c.fault, request, line, w) != nil {
			return
		}
		answer := c.take(line, text)
		if ask(c.late, request, line, w) != nil {
			return
		}
		count[answer["status"].(string)]++
		if answers.Encode(answer) != nil || control.Flush() != nil {
			return
		}
	}
	_ = answers.Encode(map[string]any{"summary": count})
}

func ask(fault func(int, int, http.ResponseWriter) error, request, line int, w http.ResponseWriter) error {
	if fault == nil {
		return nil
	}
	return fault(request, line, w)
}

// take holds a ticket and answers it. Tickets whose amount is negative are
// refused, so that tests can make some.
func (c *testCollector) take(line int, text []byte) map[string]any {
	var ticket struct {
		TransactionID string `json:"transactionId"`
		Amount        int    `json:"amount"`
		Padding       string `json:"padding"`
	}
	answer := map[string]any{"line": line, "status": "rejected"}
	if err := json.Unmarshal(text, &ticket); err != nil {
		answer["problem"] = client.Problem{Type: "urn:tillproof:problem:syntax", Title: "no ticket", Status: 400, Detail: "not JSON"}
		return answer
	}
	answer["transactionId"] = ticket.TransactionID
	if ticket.Amount < 0 {
		answer["problem"] = client.Problem{Title: "ticket refused", Status: 422, Errors: []client.FieldError{
			{Pointer: "/totals/grand", Rule: "total-mismatch", Detail: fmt.Sprint("adds up to ", ticket.Amount, ticket.Padding)},
		}}
		return answer
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := sha256.Sum256(text)
	switch held, known := c.held[ticket.TransactionID]; {
	case !known:
		c.held[ticket.TransactionID] = sum
		answer["status"] = "accepted"
	case held == sum:
		answer["status"] = "duplicate"
	default:
		answer["problem"] = client.Problem{Type: "urn:tillproof:problem:content-conflict", Status: 409, Detail: "other content"}
	}
	return answer
}

func (c *testCollector) ids() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := map[string]bool{}
	for id := range maps.Keys(c.held) {
		ids[id] = true
	}
	return ids
}

func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(client.Problem{Title: http.StatusText(status), Status: status, Detail: detail})
}

// cut closes the connection under a request without another word.
func cut(w http.ResponseWriter) error {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	return errors.Join(errHandled, connection.Close())
}

// ticketLines makes so many tickets, a line each.
func ticketLines(from, count int) string {
	var lines strings.Builder
	for i := range count {
		fmt.Fprintf(&lines, `{"transactionId":"t-%d","amount":%d}`+"\n", from+i, i)
	}
	return lines.String()
}

func (c *testCollector) destination() Destination {
	return Destination{
		CollectorURL: c.URL,
		Credential:   client.StaticToken(c.token),
		HTTP:         client.NewHTTP(),
		RetryFor:     10 * time.Second,
	}
}

// uploadTo runs an upload to a collector and returns what the user sees.
func uploadTo(ctx context.Context, c *testCollector, change func(*Options)) (Summary, string, error) {
	var shown strings.Builder
	options := Options{
		Destination: c.destination(),
		Format:      "ticket",
		Terminal:    Terminal{Writer: &shown},
	}
	change(&options)
	summary, err := Run(ctx, options)
	return summary, shown.String(), err
}

// from uploads standard input.
func from(text string) func(*Options) {
	return func(options *Options) {
		options.Paths, options.Stdin = []string{"-"}, strings.NewReader(text)
	}
}
