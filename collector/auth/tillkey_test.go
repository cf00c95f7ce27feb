package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

func TestTillKeys(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	store := hotstate.Store{StoreID: "S1", Name: "One", RetailerID: "main", TimeZone: "UTC"}
	if err := hotstate.UpsertStores(t.Context(), db.Collector, []hotstate.Store{store}); err != nil {
		t.Fatal(err)
	}
	key := auth.NewTillKey()
	hash := auth.HashTillKey(key)
	made, err := hotstate.CreateTillKey(t.Context(), db.Collector, "S1", hash[:])
	if err != nil {
		t.Fatal(err)
	}
	at := now
	keys := auth.NewTillKeys(db.Collector, func() time.Time { return at })
	caller, err := keys.Verify(t.Context(), key)
	if err != nil || caller.Role != auth.Store || !caller.Owns("S1", "main") || caller.Owns("S2", "main") ||
		caller.ID != "till-key:"+made.KeyID {
		t.Errorf("%+v, %v", caller, err)
	}
	for name, wrong := range map[string]string{
		"another": auth.NewTillKey(), "cut short": key[:len(key)-1], "too long": key + "A", "prefix only": auth.TillKeyPrefix,
		"last character": key[:len(key)-1] + strings.Map(func(r rune) rune { return r ^ 1 }, key[len(key)-1:]),
	} {
		if caller, err := keys.Verify(t.Context(), wrong); !errors.Is(err, auth.ErrInvalid) {
			t.Errorf("%s: %+v, %v", name, caller, err)
		}
	}
	if err := hotstate.RevokeTillKey(t.Context(), db.Collector, "S1", made.KeyID); err != nil {
		t.Fatal(err)
	}
	at = at.Add(4 * time.Second) // longer than a good key is remembered
	if _, err := keys.Verify(t.Context(), key); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("a revoked key: %v", err)
	}
}

// When the database is away a key is neither good nor bad.
func TestTillKeysWithoutDatabase(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.TakeAway(t)
	keys := auth.NewTillKeys(db.Collector, time.Now)
	if _, err := keys.Verify(t.Context(), auth.NewTillKey()); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
