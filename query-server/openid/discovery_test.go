package openid

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A fakeProvider answers at the two addresses by functions that a test can change.
type fakeProvider struct {
	*httptest.Server
	configuration, keySet atomic.Pointer[http.HandlerFunc]
	asked                 atomic.Int32 // for its configuration
	provider              *Provider
	now                   atomic.Pointer[time.Time]
}

func newFakeProvider(t *testing.T) *fakeProvider {
	t.Helper()
	f := &fakeProvider{}
	mux := http.NewServeMux()
	mux.HandleFunc("/tenant/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		f.asked.Add(1)
		(*f.configuration.Load())(w, r)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) { (*f.keySet.Load())(w, r) })
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	f.configure(says(`{"issuer":"%s","jwks_uri":"%s/keys","unknown":[1]}`, f.issuer(), f.URL))
	f.at(noon)
	f.provider = NewProvider(Config{Issuer: f.issuer(), Audience: "tillproof"}, func() time.Time { return *f.now.Load() })
	return f
}

func (f *fakeProvider) issuer() string                  { return f.URL + "/tenant" }
func (f *fakeProvider) configure(with http.HandlerFunc) { f.configuration.Store(&with) }
func (f *fakeProvider) serveKeys(with http.HandlerFunc) { f.keySet.Store(&with) }
func (f *fakeProvider) at(now time.Time)                { f.now.Store(&now) }

func says(format string, values ...any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, format, values...) }
}

// newKey has the provider sign with another key from now on, and publish that one alone.
func (f *fakeProvider) newKey(t *testing.T, kid string) (signed string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f.serveKeys(says(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"%s","x":"%s"}]}`, kid, base64.RawURLEncoding.EncodeToString(public)))
	return sign(t, jwt.SigningMethodEdDSA, kid, private, jwt.MapClaims{"iss": f.issuer(), "aud": "tillproof", "sub": "u1",
		"exp": noon.Add(24 * time.Hour).Unix(), "role": "auditor"})
}

func (f *fakeProvider) verify(text string) error {
	_, err := f.provider.Verify(context.Background(), text)
	return err
}

// The issuer alone is enough. New keys are found when a token names one; made-up ones do not make us ask again and again.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	first := f.newKey(t, "one")
	for range 3 {
		if err := f.verify(first); err != nil {
			t.Fatal(err)
		}
	}
	if asked := f.asked.Load(); asked != 1 {
		t.Errorf("the provider was asked %d times", asked)
	}
	second := f.newKey(t, "two")
	if f.verify(second) == nil {
		t.Error("the provider was asked again at once")
	}
	f.at(noon.Add(keysRest))
	if err := f.verify(second); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	if f.verify(first) == nil {
		t.Error("the key that was taken back is still good")
	}
	if asked := f.asked.Load(); asked != 2 {
		t.Errorf("the provider was asked %d times", asked)
	}
	// It may move its keys, too.
	elsewhere := httptest.NewServer(*f.keySet.Load())
	t.Cleanup(elsewhere.Close)
	f.serveKeys(http.NotFound)
	f.configure(says(`{"issuer":"%s","jwks_uri":"%s"}`, f.issuer(), elsewhere.URL))
	f.at(noon.Add(2 * keysAge))
	if err := f.verify(second); err != nil {
		t.Errorf("with the keys moved: %v", err)
	}
}

// However the provider misbehaves, nobody is let in by it, and what is wrong can be read.
func TestProvidersThatMisbehave(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(says(`{"keys":[]}`))
	t.Cleanup(elsewhere.Close)
	huge := func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"issuer":"`)
		for range 3 << 10 {
			if _, err := fmt.Fprint(w, strings.Repeat("x", 1<<10)); err != nil {
				return
			}
		}
	}
	configuration := func(issuer, keySet string) func(f *fakeProvider) {
		return func(f *fakeProvider) {
			f.configure(says(`{"issuer":"%s","jwks_uri":"%s"}`, strings.ReplaceAll(issuer, "SELF", f.URL), strings.ReplaceAll(keySet, "SELF", f.URL)))
		}
	}
	for name, test := range map[string]struct {
		misbehave func(f *fakeProvider)
		want      string
	}{
		"another issuer":         {configuration("https://evil.example", "SELF/keys"), "is of the issuer"},
		"a slash more":           {configuration("SELF/tenant/", "SELF/keys"), "is of the issuer"},
		"no issuer":              {configuration("", "SELF/keys"), "is of the issuer"},
		"no keys":                {configuration("SELF/tenant", ""), "must be a URL"},
		"keys in the clear":      {configuration("SELF/tenant", "http://192.0.2.1/keys"), "must be https"},
		"keys in a file":         {configuration("SELF/tenant", "file:///etc/passwd"), "must be a URL"},
		"keys behind a password": {configuration("SELF/tenant", "https://u:p@id.example/keys"), "must be a URL"},
		"no JSON":                {func(f *fakeProvider) { f.configure(says("<html>")) }, "read it"},
		"huge":                   {func(f *fakeProvider) { f.configure(huge) }, "more than"},
		"nothing there":          {func(f *fakeProvider) { f.configure(http.NotFound) }, "404"},
		"elsewhere":              {func(f *fakeProvider) { f.configure(http.RedirectHandler(elsewhere.URL, http.StatusFound).ServeHTTP) }, "another origin"},
		"round and round": {func(f *fakeProvider) {
			f.configure(http.RedirectHandler("openid-configuration", http.StatusFound).ServeHTTP)
		}, "again and again"},
		"keys elsewhere": {func(f *fakeProvider) {
			f.serveKeys(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect).ServeHTTP)
		}, "another origin"},
		"huge keys":                {func(f *fakeProvider) { f.serveKeys(huge) }, "more than"},
		"keys that are none":       {func(f *fakeProvider) { f.serveKeys(says("[]")) }, "read the key set"},
		"keys that nobody can use": {func(f *fakeProvider) { f.serveKeys(says(`{"keys":[{"kty":"oct","kid":"one","k":"AA"}]}`)) }, "no key that can be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeProvider(t)
			token := f.newKey(t, "one")
			test.misbehave(f)
			if err := f.verify(token); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want it to say %q", err, test.want)
			}
			if err := f.provider.Failure(); err == nil {
				t.Error("it is not known that the keys are not")
			}
		})
	}
}

// A public provider cannot send us to a service of this machine.
func TestKeysOnThisMachine(t *testing.T) {
	t.Parallel()
	answers := answering(`{"issuer":"https://id.example","jwks_uri":"http://127.0.0.1:1/keys"}`)
	_, err := source{issuer: "https://id.example", client: &http.Client{Transport: answers}}.discover(context.Background())
	if err == nil || !strings.Contains(err.Error(), "on this machine") {
		t.Error(err)
	}
}

// answering is a network on which everything has one answer.
type answering string

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteString(string(a))
	return w.Result(), nil
}

// While a slow provider is waited for, whoever has a known key is let in at once, and the wait has an end.
func TestASlowProviderHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	known := f.newKey(t, "one")
	if err := f.verify(known); err != nil {
		t.Fatal(err)
	}
	asked, goOn := make(chan struct{}), make(chan struct{})
	f.configure(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		select {
		case <-goOn:
		case <-r.Context().Done():
		}
	})
	f.at(noon.Add(time.Minute))
	unknown := f.newKey(t, "two")
	waited := make(chan error, 1)
	go func() { waited <- f.verify(unknown) }()
	<-asked
	if err := f.verify(known); err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	select {
	case err := <-waited:
		t.Fatalf("whoever has a known key waits as well; in the end: %v", err)
	default:
	}
	if err := <-waited; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in the end: %v", err)
	}
	close(goOn)
}

// A provider that is down at the start is told of once, and asked again.
func TestAProviderThatIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	token := f.newKey(t, "one")
	good := *f.configuration.Load()
	f.configure(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	var log strings.Builder
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		f.provider.Watch(ctx, slog.New(slog.NewTextHandler(&log, nil)))
	}()
	for f.provider.Failure() == nil {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-watched
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "502") {
		t.Errorf("the log says %q", log.String())
	}
	f.configure(good)
	f.at(noon.Add(keysRest))
	if err := f.verify(token); err != nil || f.provider.Failure() != nil {
		t.Errorf("with the provider up: %v, %v", err, f.provider.Failure())
	}
}
