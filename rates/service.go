package rates

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tillproof/tillproof/domain/money"
)

// maxAhead is how far a feed's clock may be ahead.
const maxAhead = 24 * time.Hour

// Config says where rates are from and what is believed of them.
type Config struct {
	URL    string // of the feed; none if empty
	Format Format
	Fixed  map[money.Pair]FixedRate

	Timeout  time.Duration // of a question to the feed; 3 s
	Every    time.Duration // the feed is asked at most this often; 10 s
	CacheFor time.Duration // 60 s
	MaxAge   time.Duration // of a rate by the feed's own time; a week, for there are holidays
	KnownFor time.Duration // how long a rate is what the next is held against; a day
	MaxJump  int64         // in basis points; 2,000
}

func (c Config) withDefaults() Config {
	for _, setting := range []struct {
		value *time.Duration
		unset time.Duration
	}{
		{&c.Timeout, 3 * time.Second}, {&c.Every, 10 * time.Second}, {&c.CacheFor, time.Minute},
		{&c.MaxAge, 7 * 24 * time.Hour}, {&c.KnownFor, 24 * time.Hour},
	} {
		if *setting.value == 0 {
			*setting.value = setting.unset
		}
	}
	if c.MaxJump == 0 {
		c.MaxJump = 2_000
	}
	return c
}

// ErrNoRate says that no tier has a sound rate.
var ErrNoRate = errors.New("no rate is to be had")

// Service answers for rates. It may be asked by many at a time.
type Service struct {
	config Config
	feed   *feed // nil: there is none
	log    *slog.Logger
	now    func() time.Time
	flight singleflight.Group

	mu        sync.Mutex
	table     *Table // the feed's last answer
	fetchedAt time.Time
	askedAt   time.Time // when the feed was last asked, in vain or not
	failure   error     // of the last question
	known     map[money.Pair]known
}

// known is the last rate of a pair that was believed.
type known struct {
	quote     Quote
	fetchedAt time.Time
}

// New makes a service. The clock is time.Now, but in tests.
func New(config Config, log *slog.Logger, now func() time.Time) (*Service, error) {
	s := &Service{config: config.withDefaults(), log: log, now: now, known: map[money.Pair]known{}}
	if config.URL != "" {
		var err error
		if s.feed, err = newFeed(config.URL, config.Format); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Rate answers from the best tier there is. The end of ctx ends the waiting for
// the feed, and not the answer.
func (s *Service) Rate(ctx context.Context, pair money.Pair) (Quote, error) {
	if err := pair.Check(); err != nil {
		return Quote{}, err
	}
	fresh, failure := s.ask(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	quote, err := s.judge(pair, fresh)
	if err == nil {
		return quote, nil
	}
	if fresh {
		s.log.Warn("the rate feed's answer is not used", "pair", pair.String(), "error", err)
	}
	if failure != nil {
		err = fmt.Errorf("%w: %w", err, failure)
	}
	return s.fallBack(pair, err)
}

// judge takes the pair from the table if it is to be believed.
func (s *Service) judge(pair money.Pair, fresh bool) (Quote, error) {
	if s.table == nil || s.now().Sub(s.fetchedAt) > s.config.CacheFor {
		return Quote{}, errors.New("the feed has not answered of late")
	}
	rate, err := s.table.rate(pair)
	if err != nil {
		return Quote{}, err
	}
	quote := Quote{Rate: rate, Tier: Cached, Source: s.config.Format.Name, At: s.table.At}
	if fresh {
		quote.Tier = Live
	}
	if quote.At.IsZero() {
		quote.At = s.fetchedAt
	}
	if age := s.now().Sub(quote.At); age > s.config.MaxAge || age < -maxAhead {
		return Quote{}, fmt.Errorf("the feed's rate is of %s", quote.At.Format(time.RFC3339))
	}
	if before, ok := s.reference(pair); ok && jumps(before, rate.Billionths, s.config.MaxJump) {
		return Quote{}, fmt.Errorf("the feed's rate of %d billionths is more than %d %% away from %d",
			rate.Billionths, s.config.MaxJump/100, before)
	}
	s.known[pair] = known{quote, s.fetchedAt}
	return quote, nil
}

// reference is what a new rate is held against.
func (s *Service) reference(pair money.Pair) (int64, bool) {
	if last, ok := s.known[pair]; ok && s.now().Sub(last.fetchedAt) <= s.config.KnownFor {
		return last.quote.Billionths, true
	}
	fixed, ok := s.config.Fixed[pair]
	return fixed.Billionths, ok
}

// fallBack answers without the feed.
func (s *Service) fallBack(pair money.Pair, failure error) (Quote, error) {
	if last, ok := s.known[pair]; ok && s.now().Sub(last.fetchedAt) <= s.config.CacheFor {
		last.quote.Tier = Cached
		return last.quote, nil
	}
	if fixed, ok := s.config.Fixed[pair]; ok {
		return Quote{Rate: fixed.Rate, Tier: Fixed, Source: fixedSource, At: fixed.At}, nil
	}
	return Quote{}, fmt.Errorf("%s: %w: there is no fixed rate, and %w", pair, ErrNoRate, failure)
}

// jumps reports whether two rates differ by more than the bound, by the smaller
// of the two: so halving and doubling are the same jump.
func jumps(a, b, basisPoints int64) bool {
	low, high := min(a, b), max(a, b)
	leftHigh, left := bits.Mul64(uint64(high-low), 10_000)
	rightHigh, right := bits.Mul64(uint64(low), uint64(basisPoints))
	return leftHigh > rightHigh || leftHigh == rightHigh && left > right
}
