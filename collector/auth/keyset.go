package auth

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	keySetAge     = 10 * time.Minute // after which the set is fetched anew, to learn of keys withdrawn
	keySetRest    = 10 * time.Second // after a fetch, so that made-up key ids cannot make us hammer the issuer
	keySetRetry   = time.Second      // after a fetch that failed
	keySetTimeout = 3 * time.Second
	maxKeySet     = 64 << 10
)

// KeySet holds the issuer's public keys, fetched as a JWK set (RFC 7517, RFC 8037) when a token first needs one. While
// the issuer is away, the keys that are known go on being good.
type KeySet struct {
	url    string
	client *http.Client
	clock  func() time.Time

	fetching  sync.Mutex // one fetch at a time; guards restUntil
	restUntil time.Time

	mu        sync.RWMutex
	keys      map[string]ed25519.PublicKey
	fetchedAt time.Time
}

// NewKeySet makes a key set of a URL. The clock is time.Now, but in tests.
func NewKeySet(url string, clock func() time.Time) *KeySet {
	return &KeySet{url: url, client: &http.Client{Timeout: keySetTimeout}, clock: clock}
}

// Key finds a key by its id. ErrUnavailable: no set was ever fetched, so nobody can say whether the key is good.
func (s *KeySet) Key(ctx context.Context, keyID string) (ed25519.PublicKey, error) {
	key, known, fresh := s.lookup(keyID)
	if known && fresh {
		return key, nil
	}
	fetchErr := s.refresh(ctx, keyID)
	if key, known, _ = s.lookup(keyID); known {
		return key, nil
	}
	if s.empty() {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, fetchErr)
	}
	return nil, errors.New("unknown key id")
}

func (s *KeySet) lookup(keyID string) (key ed25519.PublicKey, known, fresh bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	key, known = s.keys[keyID]
	return key, known, s.clock().Sub(s.fetchedAt) < keySetAge
}

func (s *KeySet) empty() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.keys) == 0
}

// refresh fetches the set, unless somebody did while we waited or one was fetched a moment ago.
func (s *KeySet) refresh(ctx context.Context, keyID string) error {
	s.fetching.Lock()
	defer s.fetching.Unlock()
	if _, known, fresh := s.lookup(keyID); known && fresh {
		return nil
	}
	if s.clock().Before(s.restUntil) {
		return errors.New("fetched a moment ago")
	}
	keys, err := s.fetch(context.WithoutCancel(ctx)) // others wait for it: one caller's going away is no reason to fail
	if err != nil {
		s.restUntil = s.clock().Add(keySetRetry)
		return err
	}
	s.restUntil = s.clock().Add(keySetRest)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.fetchedAt = keys, s.clock()
	return nil
}

func (s *KeySet) fetch(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch key set: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetch key set: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch key set: %s", response.Status)
	}
	return parseKeySet(io.LimitReader(response.Body, maxKeySet))
}

// parseKeySet takes the Ed25519 keys of a set and leaves out others, which a later issuer may add.
func parseKeySet(r io.Reader) (map[string]ed25519.PublicKey, error) {
	var set struct {
		Keys []struct {
			Type  string `json:"kty"`
			Curve string `json:"crv"`
			ID    string `json:"kid"`
			X     string `json:"x"`
		} `json:"keys"`
	}
	if err := json.NewDecoder(r).Decode(&set); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	keys := make(map[string]ed25519.PublicKey)
	for _, jwk := range set.Keys {
		if jwk.Type != "OKP" || jwk.Curve != "Ed25519" || jwk.ID == "" {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(jwk.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("read key set: key %q is no Ed25519 key", jwk.ID)
		}
		keys[jwk.ID] = x
	}
	if len(keys) == 0 {
		return nil, errors.New("read key set: no Ed25519 key in it")
	}
	return keys, nil
}
