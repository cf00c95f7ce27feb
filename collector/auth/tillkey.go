package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// TillKeyPrefix marks a till's key, so that it is told from a token, and found by who searches for leaked secrets.
const TillKeyPrefix = "tpk_"

const (
	tillKeyBytes    = 32
	tillKeyCacheFor = 3 * time.Second // a revoked key works for so long at most
	maxCachedKeys   = 10_000
)

// NewTillKey makes a key: tpk_ and 256 random bits in base64url.
func NewTillKey() string {
	random := make([]byte, tillKeyBytes)
	rand.Read(random)
	return TillKeyPrefix + base64.RawURLEncoding.EncodeToString(random)
}

// HashTillKey is what the hot state keeps of a key. A plain hash will do: nobody can guess 256 bits.
func HashTillKey(key string) [sha256.Size]byte { return sha256.Sum256([]byte(key)) }

// TillKeys verifies till keys against the hot state, and remembers for a moment the ones that were good.
type TillKeys struct {
	db    hotstate.DB
	clock func() time.Time

	mu    sync.Mutex
	known map[[sha256.Size]byte]knownKey
}

type knownKey struct {
	caller Caller
	until  time.Time
}

// NewTillKeys makes a verifier. The clock is time.Now, but in tests.
func NewTillKeys(db hotstate.DB, clock func() time.Time) *TillKeys {
	return &TillKeys{db: db, clock: clock, known: make(map[[sha256.Size]byte]knownKey)}
}

// Verify finds the store that a key belongs to.
func (k *TillKeys) Verify(ctx context.Context, key string) (Caller, error) {
	if len(key) != len(TillKeyPrefix)+base64.RawURLEncoding.EncodedLen(tillKeyBytes) {
		return Caller{}, fmt.Errorf("%w: not a till key", ErrInvalid)
	}
	hash := HashTillKey(key)
	if caller, ok := k.recall(hash); ok {
		return caller, nil
	}
	found, err := hotstate.TillKeyByHash(ctx, k.db, hash[:])
	if errors.Is(err, hotstate.ErrNotFound) {
		return Caller{}, fmt.Errorf("%w: unknown or revoked till key", ErrInvalid)
	}
	if err != nil {
		return Caller{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	caller := Caller{ID: "till-key:" + found.KeyID, Role: Store, StoreIDs: []string{found.StoreID}}
	k.remember(hash, caller)
	return caller, nil
}

func (k *TillKeys) recall(hash [sha256.Size]byte) (Caller, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.known[hash]
	if !ok || k.clock().After(known.until) {
		return Caller{}, false
	}
	return known.caller, true
}

func (k *TillKeys) remember(hash [sha256.Size]byte, caller Caller) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= maxCachedKeys {
		clear(k.known) // rare, and cheap: each is looked up once more
	}
	k.known[hash] = knownKey{caller, k.clock().Add(tillKeyCacheFor)}
}
