package rates

import (
	"time"

	"github.com/tillproof/tillproof/domain/money"
)

// Tier says where a rate was found.
type Tier string

// The tiers, the best first.
const (
	Live   Tier = "live"
	Cached Tier = "cached"
	Fixed  Tier = "fixed"
)

// Quote is a rate and where it is from.
type Quote struct {
	money.Rate
	Tier   Tier
	Source string    // "ECB", "CoinGecko", or "set" for a fixed rate
	At     time.Time // since when it holds
}

// Label says all of this in at most 31 ASCII characters, as it is recorded with
// a points entry: "live ECB 20261119T0000Z".
func (q Quote) Label() string {
	return string(q.Tier) + " " + q.Source + " " + q.At.UTC().Format("20060102T1504Z")
}
