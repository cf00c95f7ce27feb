package rates

import (
	"context"
	"errors"
)

var errNoFeed = errors.New("there is no rate feed")

// ask has the feed's table brought up to date, unless it was asked a moment
// ago. It reports whether the table is an answer to this question.
func (s *Service) ask(ctx context.Context) (fresh bool, err error) {
	if s.feed == nil {
		return false, errNoFeed
	}
	if due, failure := s.due(); !due {
		return false, failure
	}
	// Others wait for the same answer: one asker's going away does not end it,
	// the timeout does.
	answer := s.flight.DoChan("table", func() (any, error) {
		return nil, s.fetch(context.WithoutCancel(ctx))
	})
	select {
	case result := <-answer:
		return result.Err == nil, result.Err
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

// due reports whether the feed may be asked, and else what came of it last.
func (s *Service) due() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.askedAt.IsZero() || s.now().Sub(s.askedAt) >= s.config.Every {
		return true, nil
	}
	return false, s.failure
}

func (s *Service) fetch(ctx context.Context) error {
	if due, failure := s.due(); !due {
		return failure // somebody was quicker
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	table, err := s.feed.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.askedAt, s.failure = s.now(), err
	if err == nil {
		s.table, s.fetchedAt = table, s.now()
	} else {
		s.log.Warn("the rate feed is no help", "error", err)
	}
	return err
}
