package anchoring_test

import (
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/anchor/chaintest"
)

// Whatever the feed does, the rate is a sound one or the anchor waits, and what it was is kept.
func TestTheBudgetsRate(t *testing.T) {
	t.Parallel()
	const fixed = "ETH/EUR=2500@2026-11-01"
	now := time.Now().UTC().Truncate(time.Second)
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
	}
	good := fmt.Sprintf(`{"ethereum":{"eur":2507.41,"last_updated_at":%d}}`, now.Unix())
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		feed  http.HandlerFunc
		fixed string
		want  string // "": it waits
	}{
		"a good feed":                   {answer(good), fixed, "2507410000000 live CoinGecko " + now.String()},
		"a good feed alone":             {answer(good), "", "2507410000000 live CoinGecko " + now.String()},
		"it is not there":               {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fixed, "2500000000000 fixed set " + day.String()},
		"it is not there, nothing else": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", ""},
		"it never answers":              {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, fixed, "2500000000000 fixed set " + day.String()},
		"it answers 500":                {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "", ""},
		"a thousandth of the price":     {answer(strings.Replace(good, "2507.41", "2.50741", 1)), fixed, "2500000000000 fixed set " + day.String()},
		"no price":                      {answer(`{"ethereum":{}}`), "", ""},
		"a price of nothing":            {answer(`{"ethereum":{"eur":0}}`), "", ""},
		"a price below nothing":         {answer(`{"ethereum":{"eur":-2507.41}}`), "", ""},
		"a price of last month":         {answer(`{"ethereum":{"eur":2507.41,"last_updated_at":1700000000}}`), "", ""},
		"another currency's":            {answer(`{"ethereum":{"usd":2714.02}}`), "", ""},
		"a page of an airport":          {answer(`<html>Sign in to the network</html>`), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			feed := httptest.NewUnstartedServer(test.feed)
			feed.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			feed.Start()
			defer feed.Close()
			f.settle()
			f.budget(500, feed, test.fixed) // 5.00 EUR
			f.log.size = 20
			err := f.rounds(4)
			kept := f.decisions()
			if test.want == "" {
				f.wantAnchors(0)
				if err == nil || !strings.Contains(err.Error(), "rate") || len(kept) != 0 {
					t.Errorf("without a rate: %v, decided %+v", err, kept)
				}
				f.budget(500, nil, fixed)
				f.settle()
				f.wantAnchors(0, 20)
				return
			}
			f.wantAnchors(0, 20)
			if err != nil || len(kept) != 1 {
				t.Fatalf("decided %+v, %v", kept, err)
			}
			got := kept[0]
			if is := fmt.Sprintf("%d %s %s %s", got.rate, got.tier, got.source, got.at.UTC()); is != test.want {
				t.Errorf("by the rate %s, want %s", is, test.want)
			}
			// 5 EUR at this rate, rounded to the nearest wei.
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(5e9), chaintest.Ether), big.NewInt(got.rate))
			if off := exact.Sub(exact, new(big.Rat).SetInt(got.limit)); off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
				t.Errorf("5.00 EUR are %s wei at %d billionths", got.limit, got.rate)
			}
		})
	}
}
