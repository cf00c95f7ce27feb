package upload

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tillproof/tillproof/cli/client"
)

// sender delivers chunks, one after the other.
type sender struct {
	collector *collector
	display   *display
	rejects   refusals
	retryFor  time.Duration
	waiting   func(err error, pause, left time.Duration) // hears of each wait
	done      int64                                      // bytes of input before the current chunk
}

// refusals hears of the tickets that were not taken.
type refusals interface {
	answered(from origin, text []byte, verdict answer) error // by the collector
	unsent(refused refusal) error                            // for what they are
}

// deliver sends the chunk until every ticket in it has its answer.
func (s *sender) deliver(ctx context.Context, c *chunk) error {
	for _, refused := range c.refused {
		if err := s.rejects.unsent(refused); err != nil {
			return err
		}
		s.display.update(s.done, func(total *Summary) { total.Rejected++ })
	}
	patience, renewed := newPatience(s.retryFor), false
	for answered := 0; answered < len(c.origins); {
		more, err := s.attempt(ctx, c, answered)
		answered += more
		if more > 0 {
			patience.renew()
			renewed = false
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case isUnauthorized(err) && !renewed:
			// A failure to renew may itself be the server's moment.
			if renewal := s.collector.credential.Renew(ctx); renewal == nil {
				renewed = true
			} else if err := s.pause(ctx, patience, renewal); err != nil {
				return err
			}
		default:
			if err := s.pause(ctx, patience, err); err != nil {
				return err
			}
		}
	}
	s.done = c.read
	s.display.update(s.done, func(*Summary) {})
	return nil
}

// attempt sends what has no answer yet and returns how many have one now.
func (s *sender) attempt(ctx context.Context, c *chunk, answered int) (int, error) {
	i, size := answered, c.read-s.done
	return s.collector.send(ctx, c.from(answered), len(c.origins)-answered, func(verdict answer) error {
		if verdict.Status == "rejected" {
			if err := s.rejects.answered(c.origins[i], c.ticket(i), verdict); err != nil {
				return err
			}
		}
		i++
		var unknown error
		s.display.update(s.done+size*int64(i)/int64(len(c.origins)), func(total *Summary) {
			switch verdict.Status {
			case "accepted":
				total.Accepted++
			case "duplicate":
				total.Duplicate++
			case "rejected":
				total.Rejected++
			default:
				unknown = &protocolError{fmt.Sprintf("status %q", verdict.Status)}
			}
		})
		return unknown
	})
}

// pause waits until the next attempt, or says that there will be none.
func (s *sender) pause(ctx context.Context, patience *patience, err error) error {
	pause, again := patience.pause(err)
	if !again {
		if isTemporary(err) {
			return fmt.Errorf("gave up after %s without an answer: %w", s.retryFor, err)
		}
		return err
	}
	s.waiting(err, pause, max(0, patience.left()))
	return wait(ctx, pause)
}

func isUnauthorized(err error) bool {
	status, ok := errors.AsType[*client.StatusError](err)
	return ok && status.Status == http.StatusUnauthorized
}
