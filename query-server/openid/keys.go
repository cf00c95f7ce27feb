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
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"
)

const (
	keysRest   = 10 * time.Second // between two fetches, so that made-up key ids cannot make us hammer the provider
	keysAge    = time.Hour        // after which a key that was taken back is no longer believed
	minRSABits = 2048
)

// keySet holds the provider's public keys. While the provider is away, keys that are known go on being good until they are
// too old.
type keySet struct {
	read func(context.Context) (map[string]crypto.PublicKey, error) // from the provider
	now  func() time.Time

	mu      sync.RWMutex
	keys    map[string]crypto.PublicKey
	fetched time.Time // rightly
	failed  error     // the last time that they were to be fetched; nil: they were, or it has not been tried

	fetching sync.Mutex // is held while the provider is waited for: who has a key that is known does not wait
	tried    time.Time
}

func (k *keySet) find(ctx context.Context, kid string) (crypto.PublicKey, error) {
	if key := k.known(kid); key != nil {
		return key, nil
	}
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if key := k.known(kid); key != nil { // somebody else has just fetched it
		return key, nil
	}
	if k.now().Sub(k.tried) >= keysRest {
		if err := k.fetch(context.WithoutCancel(ctx)); err != nil { // others wait for it, too
			return nil, err
		}
	}
	if key := k.known(kid); key != nil {
		return key, nil
	}
	return nil, fmt.Errorf("no key has the id %q", kid)
}

func (k *keySet) known(kid string) crypto.PublicKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.now().Sub(k.fetched) >= keysAge {
		return nil
	}
	return k.keys[kid]
}

// refresh fetches the keys, whether they are missed or not.
func (k *keySet) refresh(ctx context.Context) error {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	return k.fetch(ctx)
}

// fetch is for who holds fetching.
func (k *keySet) fetch(ctx context.Context) error {
	k.tried = k.now()
	keys, err := k.read(ctx)
	if err != nil {
		err = fmt.Errorf("fetch the provider's keys: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed = err; err == nil {
		k.keys, k.fetched = keys, k.tried
	}
	return err
}

func (k *keySet) failure() error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.failed
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

// parseKeySet leaves out keys of kinds that are not known here. A set with no other is taken for a mistake of the provider's.
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
	if len(keys) == 0 {
		return nil, errors.New("the key set has no key that can be used here")
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
