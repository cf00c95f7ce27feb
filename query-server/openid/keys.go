package openid

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const (
	fetchTimeout = 5 * time.Second
	maxKeySet    = 1 << 20
	keysRest     = 10 * time.Second // between two fetches, so that made-up key ids cannot make us hammer the provider
	keysAge      = time.Hour        // after which a key that was taken back is no longer believed
	minRSABits   = 2048
)

// keySet holds the provider's public keys, fetched when a token first needs one. While the provider is away, keys that are
// known go on being good until they are too old.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	keys    map[string]crypto.PublicKey
	fetched time.Time // rightly
	tried   time.Time
}

func (k *keySet) find(ctx context.Context, kid string) (crypto.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	key, known := k.keys[kid]
	if known && now.Sub(k.fetched) < keysAge {
		return key, nil
	}
	if now.Sub(k.tried) < keysRest {
		return nil, fmt.Errorf("no key has the id %q", kid)
	}
	k.tried = now
	keys, err := k.fetch(ctx)
	if err != nil {
		return nil, fmt.Errorf("fetch the provider's keys: %w", err)
	}
	k.keys, k.fetched = keys, now
	if key, known = keys[kid]; !known {
		return nil, fmt.Errorf("no key has the id %q", kid)
	}
	return key, nil
}

func (k *keySet) fetch(ctx context.Context) (map[string]crypto.PublicKey, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout) // others wait for it, too
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet))
	if err != nil {
		return nil, err
	}
	return parseKeySet(text)
}

// A webKey is a key as RFC 7517, 7518 and 8037 write it.
type webKey struct {
	KeyType string `json:"kty"`
	KeyID   string `json:"kid"`
	Use     string `json:"use"`
	Curve   string `json:"crv"`
	N, E    string
	X, Y    string
}

// parseKeySet leaves out keys of kinds that are not known here.
func parseKeySet(text []byte) (map[string]crypto.PublicKey, error) {
	var set struct{ Keys []webKey }
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read the key set: %w", err)
	}
	keys := map[string]crypto.PublicKey{}
	for _, w := range set.Keys {
		if key := w.public(); key != nil && w.KeyID != "" && (w.Use == "" || w.Use == "sig") {
			keys[w.KeyID] = key
		}
	}
	return keys, nil
}

// public gives the key, or nil if it is of another kind, broken or weak.
func (w webKey) public() crypto.PublicKey {
	number := func(text string) []byte {
		bytes, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		return bytes
	}
	switch {
	case w.KeyType == "OKP" && w.Curve == "Ed25519" && len(number(w.X)) == ed25519.PublicKeySize:
		return ed25519.PublicKey(number(w.X))
	case w.KeyType == "EC" && w.Curve == "P-256" && len(number(w.X)) == 32 && len(number(w.Y)) == 32:
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, number(w.X)...), number(w.Y)...))
		if err != nil {
			return nil
		}
		return key
	case w.KeyType == "RSA":
		n, e := new(big.Int).SetBytes(number(w.N)), new(big.Int).SetBytes(number(w.E))
		if n.BitLen() < minRSABits || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}
	}
	return nil
}
