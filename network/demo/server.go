// Package demo fills a running system through its public interfaces, as a
// retailer would: registrations, users, tickets. Then it looks at what arrived
// the way each of them would.
package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Servers are the two that everybody talks to.
type Servers struct {
	Collector string // its URL
	Query     string
}

// A caller is somebody who is signed in.
type caller struct {
	servers Servers
	token   string
}

// timeout bounds a request; a registration file is one request.
const timeout = 5 * time.Minute

var client = http.Client{Timeout: timeout}

func (s Servers) signIn(ctx context.Context, username, password string) (caller, error) {
	body := map[string]string{"username": username, "password": password}
	var session struct{ AccessToken string }
	if err := (caller{servers: s}).send(ctx, http.MethodPost, s.Query+"/v1/sessions", body, &session); err != nil {
		return caller{}, fmt.Errorf("sign in as %s: %w", username, err)
	}
	return caller{servers: s, token: session.AccessToken}, nil
}

// send sends and reads JSON; either side may be nil.
func (c caller) send(ctx context.Context, method, url string, body, answer any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	response, err := c.do(ctx, method, url, "application/json", content)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// do returns a response that is good; the caller closes its body.
func (c caller) do(ctx context.Context, method, url, contentType string, content io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return nil, err
	}
	if content != nil {
		request.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		return nil, fmt.Errorf("%s %s: %s%s", method, url, response.Status, detail(response.Body))
	}
	return response, nil
}

// detail is what a problem (RFC 9457) says about itself.
func detail(body io.Reader) string {
	var problem struct{ Title, Detail string }
	if err := json.NewDecoder(io.LimitReader(body, 1<<16)).Decode(&problem); err != nil {
		return ""
	}
	return ": " + strings.TrimSpace(problem.Title+" "+problem.Detail)
}

// sendLines uploads NDJSON and reads the verdict on each line.
func (c caller) sendLines(ctx context.Context, url string, content io.Reader) error {
	response, err := c.do(ctx, http.MethodPost, url, "application/x-ndjson", content)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var verdict struct {
			Line    int
			Status  string
			Problem struct{ Title, Detail string }
		}
		if err := json.Unmarshal(lines.Bytes(), &verdict); err != nil {
			return fmt.Errorf("read the answer of %s: %w", url, err)
		}
		if verdict.Status == "rejected" {
			return fmt.Errorf("line %d was refused: %s %s", verdict.Line, verdict.Problem.Title, verdict.Problem.Detail)
		}
	}
	return lines.Err()
}
