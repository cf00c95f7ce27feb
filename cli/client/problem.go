package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// maxProblemBytes bounds what is read of an error response.
const maxProblemBytes = 64 << 10

// Problem is a problem document as the servers write it.
type Problem struct {
	Type   string       `json:"type,omitempty"`
	Title  string       `json:"title,omitempty"`
	Status int          `json:"status,omitempty"`
	Detail string       `json:"detail,omitempty"`
	Errors []FieldError `json:"errors,omitempty"`
}

// FieldError is one bad field: where it is (a JSON pointer), the rule it
// breaks, and what to do.
type FieldError struct {
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"`
	Detail  string `json:"detail"`
}

// Rule returns the short name of the problem: the last part of its type, or
// its title where the type says nothing.
func (p Problem) Rule() string {
	if p.Type != "" && p.Type != "about:blank" {
		return path.Base(strings.ReplaceAll(p.Type, ":", "/"))
	}
	return p.Title
}

// StatusError is a response other than the one hoped for.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // 0 when the server names none
	Location   string        // of a redirect
	Problem    Problem
}

func (e *StatusError) Error() string {
	if e.Location != "" {
		return fmt.Sprintf("the server redirects to %s; give that address if it is right", e.Location)
	}
	text := fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Problem.Detail != "" {
		return text + ": " + e.Problem.Detail
	}
	if e.Problem.Title != "" && e.Problem.Title != http.StatusText(e.Status) {
		return text + ": " + e.Problem.Title
	}
	return text
}

// Temporary reports whether the same request may succeed later.
func (e *StatusError) Temporary() bool { return TemporaryStatus(e.Status) }

// TemporaryStatus reports whether a status speaks of the server's moment
// rather than of the request.
func TemporaryStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// ReadStatusError makes an error of a response, whose body it reads.
func ReadStatusError(response *http.Response) *StatusError {
	failure := &StatusError{
		Status:     response.StatusCode,
		RetryAfter: retryAfter(response.Header.Get("Retry-After"), time.Now()),
	}
	if response.StatusCode/100 == 3 {
		failure.Location = response.Header.Get("Location")
	}
	// A body that is no problem document (a proxy's page, say) adds nothing:
	// the status alone speaks then.
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxProblemBytes))
	if json.Unmarshal(body, &failure.Problem) != nil {
		failure.Problem = Problem{}
	}
	return failure
}

// retryAfter reads either form of the header: seconds or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if when, err := http.ParseTime(header); err == nil {
		return max(0, when.Sub(now))
	}
	return 0
}
