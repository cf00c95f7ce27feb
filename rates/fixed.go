package rates

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tillproof/tillproof/domain/money"
)

const fixedSource = "set"

// FixedRate is a rate that somebody has set.
type FixedRate struct {
	money.Rate
	At time.Time
}

// ParseFixed reads fixed rates as they are configured, with the day on which
// they were set: "EUR/USD=1.0823@2026-11-01, ETH/EUR=2500@2026-11-01". Each
// holds for its pair turned round as well.
func ParseFixed(text string) (map[money.Pair]FixedRate, error) {
	fixed := map[money.Pair]FixedRate{}
	for _, entry := range strings.Split(text, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		rate, err := parseFixed(entry)
		if err != nil {
			return nil, fmt.Errorf("fixed rate %q: %w", entry, err)
		}
		turned := money.Pair{Base: rate.Quote, Quote: rate.Base}
		if _, twice := fixed[rate.Pair]; twice {
			return nil, fmt.Errorf("fixed rate %q: there is another for %s", entry, rate.Pair)
		}
		back, err := money.Cross(turned, rate.Billionths, money.Billionths)
		if err != nil {
			return nil, fmt.Errorf("fixed rate %q, turned round: %w", entry, err)
		}
		fixed[rate.Pair], fixed[turned] = rate, FixedRate{back, rate.At}
	}
	return fixed, nil
}

func parseFixed(entry string) (FixedRate, error) {
	pair, rest, hasRate := strings.Cut(entry, "=")
	number, day, hasDay := strings.Cut(rest, "@")
	base, quote, isPair := strings.Cut(pair, "/")
	if !hasRate || !hasDay || !isPair {
		return FixedRate{}, errors.New("it is not of the form EUR/USD=1.0823@2026-11-01")
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return FixedRate{}, errors.New("its day is not of the form YYYY-MM-DD")
	}
	billionths, err := money.ParseBillionths(number)
	if err != nil {
		return FixedRate{}, err
	}
	rate := FixedRate{money.Rate{Pair: money.Pair{Base: base, Quote: quote}, Billionths: billionths}, at}
	return rate, rate.Check()
}
