package rates

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/money"
)

var (
	euroDollar = money.Pair{Base: "EUR", Quote: "USD"}
	dollarEuro = money.Pair{Base: "USD", Quote: "EUR"}
	etherEuro  = money.Pair{Base: "ETH", Quote: "EUR"}
	morning    = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
)

// ecbFile is the daily file, as the bank writes it.
func ecbFile(day, dollars string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>
		<Cube time='` + day + `'>
			<Cube currency='USD' rate='` + dollars + `'/>
			<Cube currency='JPY' rate='161.06'/>
			<Cube currency='MXN' rate='20.1234'/>
		</Cube>
	</Cube>
</gesmes:Envelope>`
}

// testFeed is a server that does as it is told.
type testFeed struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request)
	asked  atomic.Int32
}

func newTestFeed(t *testing.T) *testFeed {
	f := &testFeed{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *testFeed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked.Add(1)
	answer := f.answer
	f.mu.Unlock()
	answer(w, r)
}

func (f *testFeed) say(text string) {
	f.do(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

func (f *testFeed) do(answer func(http.ResponseWriter, *http.Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// clock is set by hand.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func newService(t *testing.T, feed *testFeed, format Format, fixed string) (*Service, *clock) {
	t.Helper()
	set, err := ParseFixed(fixed)
	if err != nil {
		t.Fatal(err)
	}
	clock := &clock{morning}
	service, err := New(Config{URL: feed.URL, Format: format, Fixed: set, Timeout: 200 * time.Millisecond},
		slog.New(slog.DiscardHandler), clock.now)
	if err != nil {
		t.Fatal(err)
	}
	return service, clock
}

// want asks for a rate and compares: tier, source, billionths, time.
func want(t *testing.T, s *Service, pair money.Pair, expected string) {
	t.Helper()
	quote, err := s.Rate(t.Context(), pair)
	got := fmt.Sprint(quote.Label(), " ", quote.Billionths)
	if err != nil {
		got = "none"
		if !errors.Is(err, ErrNoRate) {
			t.Errorf("error %v", err)
		}
	}
	if got != expected {
		t.Errorf("%s: %s, %v, want %s", pair, got, err, expected)
	}
}

func TestTiers(t *testing.T) {
	feed := newTestFeed(t)
	service, clock := newService(t, feed, ECB, "EUR/USD=1.10@2026-11-01")
	feed.say(ecbFile("2026-11-19", "1.0823"))
	want(t, service, euroDollar, "live ECB 20261119T0000Z 1082300000")
	want(t, service, euroDollar, "cached ECB 20261119T0000Z 1082300000") // asked a moment ago
	want(t, service, dollarEuro, "cached ECB 20261119T0000Z 923958237")
	want(t, service, money.Pair{Base: "MXN", Quote: "JPY"}, "cached ECB 20261119T0000Z 8003617679")

	feed.say("")
	clock.Time = clock.Add(time.Minute)
	want(t, service, euroDollar, "cached ECB 20261119T0000Z 1082300000")
	clock.Time = clock.Add(time.Second)
	want(t, service, euroDollar, "fixed set 20261101T0000Z 1100000000")
	want(t, service, dollarEuro, "fixed set 20261101T0000Z 909090909")
	want(t, service, money.Pair{Base: "MXN", Quote: "JPY"}, "none")

	feed.say(ecbFile("2026-11-20", "1.09"))
	clock.Time = clock.Add(10 * time.Second)
	want(t, service, euroDollar, "live ECB 20261120T0000Z 1090000000")
}

func TestCoinGecko(t *testing.T) {
	feed := newTestFeed(t)
	service, clock := newService(t, feed, CoinGecko, "")
	feed.say(`{"ethereum":{"eur":2507.41,"jpy":4.1e5,"eur_24h_change":-1.5,"last_updated_at":1795165140}}`)
	want(t, service, etherEuro, "live CoinGecko 20261120T0859Z 2507410000000")
	want(t, service, money.Pair{Base: "ETH", Quote: "JPY"}, "cached CoinGecko 20261120T0859Z 410000000000000")
	feed.say(`{"ethereum":{"eur":2508}}`) // does not say since when
	clock.Time = clock.Add(time.Hour)
	want(t, service, etherEuro, "live CoinGecko 20261120T1000Z 2508000000000")
	quote, err := service.Rate(t.Context(), etherEuro)
	if err != nil || len(quote.Label()) > 31 {
		t.Errorf("%q, %v", quote.Label(), err)
	}
	if wei, err := quote.Wei(2508); err != nil || wei.String() != "10000000000000000" {
		t.Errorf("25.08 EUR: %v wei, %v", wei, err)
	}
}

// Whatever the feed does, the answer is the fixed rate.
func TestMisbehavingFeed(t *testing.T) {
	say := func(text string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"empty": say(""), "another page": say("<html><body>Sorry</body></html>"), "JSON": say(`{"ethereum":{"usd":1}}`),
		"no rates":     say(`<Envelope><Cube><Cube time="2026-11-19"></Cube></Cube></Envelope>`),
		"no days":      say(`<Envelope><Cube></Cube></Envelope>`),
		"cut off":      say(ecbFile("2026-11-19", "1.0823")[:400]),
		"zero":         say(ecbFile("2026-11-19", "0")),
		"below zero":   say(ecbFile("2026-11-19", "-1.08")),
		"not a number": say(ecbFile("2026-11-19", "NaN")),
		"exponent":     say(ecbFile("2026-11-19", "1e999999999")),
		"comma":        say(ecbFile("2026-11-19", "1,0823")),
		"no day":       say(ecbFile("yesterday", "1.0823")),
		"too old":      say(ecbFile("2026-11-12", "1.0823")),
		"of tomorrow":  say(ecbFile("2026-11-22", "1.0823")),
		"jump up":      say(ecbFile("2026-11-19", "1.3201")),
		"jump down":    say(ecbFile("2026-11-19", "0.9166")),
		"hundredfold":  say(ecbFile("2026-11-19", "110")),
		"server error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"too many":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"redirect":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"slow":         func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"slow body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, ecbFile("2026-11-19", "1.0823")[:100])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"hung up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1<<16))); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			feed := newTestFeed(t)
			feed.do(answer)
			service, _ := newService(t, feed, ECB, "EUR/USD=1.10@2026-11-01")
			want(t, service, euroDollar, "fixed set 20261101T0000Z 1100000000")
			want(t, service, euroDollar, "fixed set 20261101T0000Z 1100000000")
			if asked := feed.asked.Load(); asked != 1 {
				t.Errorf("the feed was asked %d times within a moment", asked)
			}
		})
	}
}

func TestMisbehavingPrices(t *testing.T) {
	for _, answer := range []string{
		`{}`, `[]`, `null`, `{"ethereum":null}`, `{"ethereum":{}}`, `{"ethereum":{"eur":null}}`, `{"ethereum":{"eur":"2500"}}`,
		`{"ethereum":{"eur":0}}`, `{"ethereum":{"eur":-2500}}`, `{"ethereum":{"eur":2500}}{}`, `{"ethereum":{"eur":2500`,
		`{"status":{"error_code":429}}`, `{"ethereum":{"eur":2500,"last_updated_at":"now"}}`, `{"ethereum":{"eur":2500,"last_updated_at":1}}`,
		`{"bitcoin":{"eur":2500}}`, `{"ethereum":{"eur":{"price":2500}}}`,
	} {
		feed := newTestFeed(t)
		feed.say(answer)
		service, _ := newService(t, feed, CoinGecko, "")
		want(t, service, etherEuro, "none")
	}
}

// A rate is held against the last one for a day, then against the fixed one.
func TestJumpsAreRefused(t *testing.T) {
	feed := newTestFeed(t)
	service, clock := newService(t, feed, CoinGecko, "ETH/EUR=3000@2026-11-01")
	price := func(after time.Duration, price, expected string) {
		t.Helper()
		clock.Time = clock.Add(after)
		feed.say(`{"ethereum":{"eur":` + price + `}}`)
		want(t, service, etherEuro, expected)
	}
	price(0, "2499", "fixed set 20261101T0000Z 3000000000000")
	price(10*time.Second, "2500", "live CoinGecko 20261120T0900Z 2500000000000")
	price(10*time.Second, "3001", "cached CoinGecko 20261120T0900Z 2500000000000")
	price(10*time.Second, "2083", "cached CoinGecko 20261120T0900Z 2500000000000")
	price(time.Minute, "3001", "fixed set 20261101T0000Z 3000000000000")
	price(time.Minute, "2900", "live CoinGecko 20261120T0902Z 2900000000000")
	price(24*time.Hour, "3500", "fixed set 20261101T0000Z 3000000000000")
	price(time.Second, "2400", "cached CoinGecko 20261121T0902Z 3500000000000") // now held against the fixed one
}

func TestOneQuestionForAll(t *testing.T) {
	feed := newTestFeed(t)
	service, _ := newService(t, feed, ECB, "")
	service.config.Timeout = time.Minute
	release := make(chan struct{})
	feed.do(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = io.WriteString(w, ecbFile("2026-11-19", "1.0823"))
	})
	var askers sync.WaitGroup
	for range 20 {
		askers.Go(func() {
			if quote, err := service.Rate(t.Context(), euroDollar); err != nil || quote.Billionths != 1_082_300_000 {
				t.Errorf("%+v, %v", quote, err)
			}
		})
	}
	// One who cannot wait gets what there is, and spoils it for nobody.
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := service.Rate(hurried, euroDollar); !errors.Is(err, ErrNoRate) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(release)
	askers.Wait()
	if asked := feed.asked.Load(); asked != 1 {
		t.Errorf("the feed was asked %d times", asked)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	for text, fault := range map[string]string{
		"EUR/USD=1.08": "form", "EUR/USD@2026-11-01": "form", "EURUSD=1@2026-11-01": "form", "EUR/USD=0@2026-11-01": "above zero",
		"EUR/USD=1@today": "day", "EUR/EUR=1@2026-11-01": "itself", "EUR/BTC=1@2026-11-01": "BTC",
		"EUR/USD=1@2026-11-01,USD/EUR=1@2026-11-01": "another",
	} {
		if fixed, err := ParseFixed(text); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%s: %v, %v", text, fixed, err)
		}
	}
	if fixed, err := ParseFixed(" EUR/USD=1.08@2026-11-01, ETH/EUR=2500@2026-11-01 ,"); err != nil || len(fixed) != 4 {
		t.Errorf("%v, %v", fixed, err)
	}
	for _, address := range []string{"feed.example", "ftp://feed.example", "http://"} {
		if _, err := New(Config{URL: address, Format: ECB}, slog.New(slog.DiscardHandler), time.Now); err == nil {
			t.Errorf("%s is taken", address)
		}
	}
	if _, err := FormatNamed("csv"); err == nil {
		t.Error("csv is taken")
	}
}

// A key in the feed's address is not told.
func TestAddressIsNotShown(t *testing.T) {
	service, err := New(Config{URL: "http://127.0.0.1:1/?key=hunter2", Format: ECB}, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Rate(t.Context(), euroDollar); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}

func TestNoFeed(t *testing.T) {
	fixed, err := ParseFixed("EUR/USD=1.10@2026-11-01")
	if err != nil {
		t.Fatal(err)
	}
	service, err := New(Config{Fixed: fixed}, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	want(t, service, euroDollar, "fixed set 20261101T0000Z 1100000000")
	want(t, service, etherEuro, "none")
	if _, err := service.Rate(t.Context(), money.Pair{Base: "EUR", Quote: "BTC"}); err == nil || errors.Is(err, ErrNoRate) {
		t.Errorf("a pair not known: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(ecbFile("2026-11-19", "1.0823")))
	f.Add([]byte(`{"ethereum":{"eur":2507.41,"last_updated_at":1795165140}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range []Format{ECB, CoinGecko} {
			table, err := format.parse(content)
			if err != nil {
				continue
			}
			for code, units := range table.Units {
				if units <= 0 || units > money.MaxRate {
					t.Errorf("%s: %s is %d", format.Name, code, units)
				}
			}
		}
	})
}
