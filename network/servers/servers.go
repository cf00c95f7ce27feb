// Package servers calls a running system's two servers as their users do: signed in, in JSON. The demo's loader, the
// benchmark and the chaos trial stand on it.
package servers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Servers are the two that everybody talks to.
type Servers struct {
	Collector string // its URL
	Query     string
}

// A Caller is somebody who is signed in, or nobody yet.
type Caller struct {
	Servers Servers
	Token   string
}

// timeout bounds a request; a registration file is one request.
const timeout = 5 * time.Minute

var client = http.Client{Timeout: timeout}

// SignIn gives a session of 15 minutes.
func (s Servers) SignIn(ctx context.Context, username, password string) (Caller, error) {
	body := map[string]string{"username": username, "password": password}
	var session struct{ AccessToken string }
	if err := (Caller{Servers: s}).Send(ctx, http.MethodPost, s.Query+"/v1/sessions", body, &session); err != nil {
		return Caller{}, fmt.Errorf("sign in as %s: %w", username, err)
	}
	return Caller{Servers: s, Token: session.AccessToken}, nil
}

// OpenStore registers a store, as an administrator, and makes the key that its tills use.
func (c Caller) OpenStore(ctx context.Context, storeID, name, currencyCode string) (tillKey string, err error) {
	store := c.Servers.Collector + "/v1/stores/" + url.PathEscape(storeID)
	registration := map[string]string{"name": name, "currencyCode": currencyCode}
	if err := c.Send(ctx, http.MethodPut, store, registration, nil); err != nil {
		return "", err
	}
	var made struct{ Key string }
	err = c.Send(ctx, http.MethodPost, store+"/keys", nil, &made)
	return made.Key, err
}

// PutUser makes a user, as an administrator; the scope is what the role needs, as {"loyaltyId": "…"}.
func (c Caller) PutUser(ctx context.Context, name, role, password string, scope map[string]any) error {
	body := map[string]any{"role": role, "password": password}
	for field, value := range scope {
		body[field] = value
	}
	if err := c.Send(ctx, http.MethodPut, c.Servers.Collector+"/v1/users/"+url.PathEscape(name), body, nil); err != nil {
		return fmt.Errorf("make the user %s: %w", name, err)
	}
	return nil
}

// Send sends and reads JSON; either side may be nil.
func (c Caller) Send(ctx context.Context, method, url string, body, answer any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	response, err := c.Do(ctx, method, url, "application/json", content)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// A RefusedError is an answer other than the one hoped for.
type RefusedError struct {
	Request string // method and address
	Status  int
	Problem Problem
}

// A Problem is what a server says of a refusal (RFC 9457).
type Problem struct{ Type, Title, Detail string }

func (e *RefusedError) Error() string {
	said := strings.TrimSpace(e.Problem.Title + " " + e.Problem.Detail)
	if said != "" {
		said = ": " + said
	}
	return fmt.Sprintf("%s: %d %s%s", e.Request, e.Status, http.StatusText(e.Status), said)
}

// StatusOf is the HTTP status of an error that is a server's answer, 0 of any other.
func StatusOf(err error) int {
	var refused *RefusedError
	if errors.As(err, &refused) {
		return refused.Status
	}
	return 0
}

// maxProblem bounds how much of a refusal is read.
const maxProblem = 64 << 10

// Do returns a response that is good; the caller closes its body.
func (c Caller) Do(ctx context.Context, method, url, contentType string, content io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return nil, err
	}
	if content != nil {
		request.Header.Set("Content-Type", contentType)
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		refused := &RefusedError{Request: method + " " + url, Status: response.StatusCode}
		// What is not a problem's JSON says nothing more than its status.
		_ = json.NewDecoder(io.LimitReader(response.Body, maxProblem)).Decode(&refused.Problem)
		return nil, refused
	}
	return response, nil
}
