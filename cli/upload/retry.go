package upload

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

const (
	firstPause   = 250 * time.Millisecond
	longestPause = 10 * time.Second
)

// patience decides whether to try again, and after how long. It runs out when
// nothing has been answered for the given time.
type patience struct {
	limit    time.Duration
	since    time.Time // of the last answer
	attempts int
}

func newPatience(limit time.Duration) *patience {
	return &patience{limit: limit, since: time.Now()}
}

// renew starts anew after an answer.
func (p *patience) renew() { p.since, p.attempts = time.Now(), 0 }

// pause returns how long to wait before the next attempt, and false when err
// will not go away by waiting or the limit would be passed.
func (p *patience) pause(err error) (time.Duration, bool) {
	if !isTemporary(err) {
		return 0, false
	}
	pause := min(longestPause, firstPause<<min(p.attempts, 10))
	pause = pause/2 + rand.N(pause/2) // so that many tills do not come back at once
	p.attempts++
	if status, ok := errors.AsType[*client.StatusError](err); ok {
		pause = max(pause, status.RetryAfter)
	}
	return pause, p.left() > pause
}

func (p *patience) left() time.Duration { return p.limit - time.Since(p.since) }

// isTemporary reports whether the same request may succeed later. Most of what
// goes wrong on a network may; what needs a person's hand does not.
func isTemporary(err error) bool {
	if status, ok := errors.AsType[*client.StatusError](err); ok {
		return status.Temporary()
	}
	if _, ofDisk := errors.AsType[*fs.PathError](err); ofDisk {
		return false // although its number passes for a network's error
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return !dns.IsNotFound
	}
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		syntax      *json.SyntaxError
		kind        *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &syntax), errors.As(err, &kind):
		return false
	case errors.Is(err, errStalled), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return true
	case errors.Is(err, context.Canceled):
		return false
	}
	// Refused, reset, timed out: all that the HTTP client itself reports.
	_, isNetwork := errors.AsType[net.Error](err)
	return isNetwork
}

// wait pauses, unless ctx ends first.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
