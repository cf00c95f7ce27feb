package openid

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	fetchTimeout = 5 * time.Second // for the provider's configuration and its keys together
	maxDocument  = 1 << 20         // bytes of each
)

// A source is where a provider's keys are. It trusts the provider to name its keys, and with nothing else: what it answers
// is bounded in size and time, and it cannot send us anywhere that the operator has not named.
type source struct {
	issuer string
	keySet string // "": the provider says (OpenID Connect Discovery 1.0)
	client *http.Client
}

func newSource(config Config) source {
	return source{issuer: config.Issuer, keySet: config.KeySet, client: &http.Client{CheckRedirect: sameOrigin}}
}

// keys asks where the keys are each time that it fetches them, so that a provider may move them.
func (s source) keys(ctx context.Context) (map[string]crypto.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	address := s.keySet
	if address == "" {
		var err error
		if address, err = s.discover(ctx); err != nil {
			return nil, fmt.Errorf("discover the provider's configuration: %w", err)
		}
	}
	text, err := s.get(ctx, address)
	if err != nil {
		return nil, err
	}
	return parseKeySet(text)
}

// discover reads jwks_uri. The document must name the very issuer that was asked, or one provider could speak for another.
func (s source) discover(ctx context.Context) (keySet string, err error) {
	text, err := s.get(ctx, strings.TrimSuffix(s.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return "", err
	}
	var document struct {
		Issuer string `json:"issuer"`
		KeySet string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return "", fmt.Errorf("read it: %w", err)
	}
	if document.Issuer != s.issuer {
		return "", fmt.Errorf("it is of the issuer %q, not of %q", document.Issuer, s.issuer)
	}
	if err := CheckURL(document.KeySet); err != nil {
		return "", fmt.Errorf("jwks_uri %q: %w", document.KeySet, err)
	}
	if isLoopback(document.KeySet) && !isLoopback(s.issuer) {
		return "", fmt.Errorf("jwks_uri %q is on this machine, and the provider is not", document.KeySet)
	}
	return document.KeySet, nil
}

func (s source) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("%s answers with more than %d bytes", address, maxDocument)
	}
	return text, nil
}

const maxRedirects = 3

// sameOrigin follows no redirect to another host, or to plain HTTP.
func sameOrigin(to *http.Request, via []*http.Request) error {
	from := via[0].URL
	if to.URL.Scheme != from.Scheme || to.URL.Host != from.Host {
		return fmt.Errorf("it redirects to another origin, %s://%s", to.URL.Scheme, to.URL.Host)
	}
	if len(via) > maxRedirects {
		return errors.New("it redirects again and again")
	}
	return nil
}

// CheckURL says what is wrong with the address of an issuer or of keys. Keys that came in the clear prove nothing.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "":
		return errors.New("it must be a URL like https://id.example/path")
	case u.Scheme == "http" && !isLoopback(text):
		return errors.New("it must be https")
	}
	return nil
}

func isLoopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
