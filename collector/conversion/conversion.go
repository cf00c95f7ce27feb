// Package conversion counts tickets' amounts in the currency of the points programme, where its rules name one.
//
// Which rule applies the chaincode decides; here it is foretold by the same code and the same rules, read from the ledger a
// moment ago. A conversion goes to the ledger with its source: which tier of package rates served it, whose rate it is and
// since when it holds.
package conversion

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/money"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/rates"
)

// A Programme knows the rules.
type Programme interface {
	Rules(ctx context.Context) (points.Programme, error) // not older than some seconds
	Known() points.Programme                             // as they were last read
	Changed()                                            // they are to be read anew
}

// Rates know what a currency is worth in another.
type Rates interface {
	Rate(ctx context.Context, pair money.Pair) (rates.Quote, error)
}

// A Converter is safe for concurrent use.
type Converter struct {
	programme Programme
	rates     Rates
	now       func() time.Time

	mu      sync.Mutex
	missing map[money.Pair]error // pairs that tickets wait for
}

// New makes a converter. The clock is time.Now, but in tests.
func New(programme Programme, r Rates, now func() time.Time) *Converter {
	return &Converter{programme: programme, rates: r, now: now, missing: make(map[money.Pair]error)}
}

// Rules gives the rules that a batch of tickets is converted by.
func (c *Converter) Rules(ctx context.Context) (points.Programme, error) {
	return c.programme.Rules(ctx)
}

// Changed says that the ledger has other rules than those given.
func (c *Converter) Changed() { c.programme.Changed() }

// Of gives the conversion that a ticket needs which is recorded now; none where the rule has no currency, or the ticket's.
// Without a rate it is an error, and the ticket has to wait.
func (c *Converter) Of(ctx context.Context, rules points.Programme, currency, businessDay string) (ledger.Conversion, error) {
	pair, needed := c.pair(rules, currency, businessDay)
	if !needed {
		return ledger.Conversion{}, nil
	}
	conversion, err := c.convert(ctx, pair)
	c.note(pair, err)
	return conversion, err
}

// pair is what a ticket's currency is to be converted from and to. A day on which no rule was in force is the chaincode's to
// refuse.
func (c *Converter) pair(rules points.Programme, currency, businessDay string) (pair money.Pair, needed bool) {
	rule, err := rules.RuleAt(businessDay, c.now())
	if err != nil || rule.Currency == "" || rule.Currency == currency {
		return money.Pair{}, false
	}
	return money.Pair{Base: currency, Quote: rule.Currency}, true
}

func (c *Converter) convert(ctx context.Context, pair money.Pair) (ledger.Conversion, error) {
	quote, err := c.rates.Rate(ctx, pair)
	if err != nil {
		return ledger.Conversion{}, err
	}
	between, err := quote.Conversion()
	if err != nil {
		return ledger.Conversion{}, err
	}
	return ledger.Conversion{Rate: between, Source: quote.Label()}, nil
}

// atOnce is a context that lets nothing be waited for. A feed that is due is asked all the same, for the next question.
var atOnce = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Foretell gives the points that an amount will earn, as far as that is known at once: by the rules as they were last read,
// and a rate that is at hand. Without one it promises nothing.
func (c *Converter) Foretell(amount int64, currency, businessDay string) int64 {
	rules := c.programme.Known()
	rule, err := rules.RuleAt(businessDay, c.now())
	if err != nil {
		return 0
	}
	pair, needed := c.pair(rules, currency, businessDay)
	if !needed {
		return rule.Earned(amount, 0)
	}
	conversion, err := c.convert(atOnce, pair)
	if err != nil {
		return 0
	}
	return rule.Earned(amount, conversion.Rate)
}

func (c *Converter) note(pair money.Pair, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		delete(c.missing, pair)
	} else {
		c.missing[pair] = err
	}
}

// A noRate is why tickets wait.
type noRate struct {
	pair money.Pair
	err  error
}

func (n noRate) Error() string { return fmt.Sprintf("tickets in %s wait: %v", n.pair.Base, n.err) }
func (n noRate) Unwrap() error { return n.err }

// Reason is what anyone may read.
func (n noRate) Reason() string {
	return fmt.Sprintf("no rate of %s: tickets in %s wait; mend the rate feed, or configure a fixed rate", n.pair, n.pair.Base)
}

// Ready is nil unless tickets wait for a rate. It asks again for the rate, so that it does not outlast its reason.
func (c *Converter) Ready(ctx context.Context) error {
	c.mu.Lock()
	pairs := make([]money.Pair, 0, len(c.missing))
	for pair := range c.missing {
		pairs = append(pairs, pair)
	}
	c.mu.Unlock()
	for _, pair := range pairs {
		_, err := c.convert(ctx, pair)
		c.note(pair, err)
		if err != nil {
			return noRate{pair, err}
		}
	}
	return nil
}
