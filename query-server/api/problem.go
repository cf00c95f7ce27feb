package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/tillproof/tillproof/hotstate"
)

// A problem is an error as the client reads it (RFC 9457). Its type is a URN of ours, stable for programs.
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"`
}

// A fieldError names one bad field of a body, or one bad parameter of a query.
type fieldError struct {
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"`
	Detail  string `json:"detail"`
}

func (p problem) Error() string { return p.Detail }

func writeProblem(w http.ResponseWriter, p problem) {
	p.Type = "urn:tillproof:problem:" + p.Type
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte("{}") // texts cannot fail to encode
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	w.Write(append(body, '\n'))
}

// fail turns an error into an answer. What is not meant for clients is logged and stays here.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p problem
	switch {
	case errors.As(err, &p):
		writeProblem(w, p)
	case errors.Is(err, hotstate.ErrNotFound):
		notFound(w, r)
	case errors.Is(err, hotstate.ErrRole):
		writeProblem(w, forbidden)
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // the client has gone, nobody reads an answer
	case errors.Is(err, hotstate.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		s.Log.WarnContext(r.Context(), "request given up", "requestId", requestID(r), "error", err)
		w.Header().Set("Retry-After", "5")
		writeProblem(w, tooSlow)
	default:
		s.Log.ErrorContext(r.Context(), "request failed", "requestId", requestID(r), "error", err)
		writeProblem(w, internal)
	}
}

var (
	internal = problem{Type: "internal", Title: "Internal error", Status: http.StatusInternalServerError,
		Detail: "Something went wrong here. Try again; if it persists, tell the operator the X-Request-Id of this answer."}
	tooSlow = problem{Type: "too-slow", Title: "No answer in time", Status: http.StatusServiceUnavailable,
		Detail: "This took too long. Ask for less, such as fewer days or larger groups, or try again in a few seconds."}
	unauthorized = problem{Type: "unauthorized", Title: "Not signed in", Status: http.StatusUnauthorized,
		Detail: "A valid token is needed: sign in with POST /v1/sessions, or refresh an expired one."}
	forbidden = problem{Type: "forbidden", Title: "Not for this role", Status: http.StatusForbidden,
		Detail: "Your role may not do this."}
	crossOrigin = problem{Type: "cross-origin", Title: "Foreign origin", Status: http.StatusForbidden,
		Detail: "A request with the session cookie must come from a page of this server: its Origin header says otherwise, or is missing."}
)

// writeJSON answers with somebody's data, which no shared cache may keep. The tag is weak: the answer may be compressed.
func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := marshal(body)
	if err != nil {
		panic(fmt.Errorf("encode an answer: %w", err)) // of our own types
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if header.Get("Cache-Control") == "" {
		sum := sha256.Sum256(text)
		header.Set("Cache-Control", "private, no-cache")
		header.Set("ETag", `W/"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	}
	header.Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}
