package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	resendPause = 200 * time.Millisecond
	maxAnswer   = 1 << 20
)

// A request is sent as often as it takes; each time it is the same.
type request struct {
	method, url string
	token       func(context.Context) (string, error)
	key         string // idempotency key; "" for none
	body        any    // JSON, or []byte as it is
}

// An answer settles a request.
type answer struct {
	status int
	body   []byte
}

// problemType is the last part of a problem's type, "" if the answer is none.
func (a answer) problemType() string {
	var problem struct{ Type string }
	if json.Unmarshal(a.body, &problem) != nil {
		return ""
	}
	return strings.TrimPrefix(problem.Type, "urn:tillproof:problem:")
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

var errWrongAnswer = errors.New("an answer that must not be")

// insist sends a request again and again, until it is answered with one of the statuses or the clients have to give up. An
// outage is no answer, nor is another request of the same key on its way. Any other answer is wrong, and noted in the book.
func (s *system) insist(ctx context.Context, b *book, r request, wanted ...int) (answer, error) {
	for {
		a, err := s.send(ctx, r)
		switch {
		case err == nil && slices.Contains(wanted, a.status) && a.problemType() != "in-flight":
			return a, nil
		case err == nil && !isOutage(a):
			b.complain("%s %s was answered with %s", r.method, r.url, a)
			return a, errWrongAnswer
		}
		if err := sleep(ctx, resendPause); err != nil {
			return answer{}, err
		}
		b.count(&b.resent)
	}
}

// isOutage says that an answer stands for "not now": also that of a token whose time is over, which is had anew.
func isOutage(a answer) bool {
	return a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests ||
		a.status == http.StatusUnauthorized || a.problemType() == "in-flight"
}

func (s *system) send(ctx context.Context, r request) (answer, error) {
	content, raw := r.body.([]byte)
	if !raw && r.body != nil {
		var err error
		if content, err = json.Marshal(r.body); err != nil {
			return answer{}, err
		}
	}
	token, err := r.token(ctx)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(content))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if r.key != "" {
		request.Header.Set("Idempotency-Key", r.key)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("read the answer: %w", err)
	}
	return answer{response.StatusCode, read}, nil
}
