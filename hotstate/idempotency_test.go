package hotstate_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// Answers are purged when they are a day old, oldest first, a bounded number at a time; younger ones stay.
func TestPurgeAnswers(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	exec(t, db, `insert into book.idempotency_keys (caller, method, path, key, body_hash, status, response, created_at)
		select 'u', 'POST', '/', gen_random_uuid(), '', 201, '', now() - n * interval '1 hour' from generate_series(0, 49) n`)
	purge := func(limit int) int64 {
		t.Helper()
		deleted, err := hotstate.PurgeAnswers(t.Context(), db.Collector, limit)
		if err != nil {
			t.Fatal(err)
		}
		return deleted
	}
	if first, second, third := purge(20), purge(20), purge(20); first != 20 || second != 6 || third != 0 {
		t.Errorf("purged %d, %d, %d", first, second, third)
	}
	var young int
	query := "select count(*) from book.idempotency_keys where created_at > now() - interval '24 hours'"
	if err := db.Owner.QueryRow(t.Context(), query).Scan(&young); err != nil || young != 24 {
		t.Errorf("%d young answers are left, %v", young, err)
	}
}

// Keys with confusable scopes are different keys: nothing is glued together.
func TestIdempotencyKeyScopes(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	key := "6f1c7a53-0b3e-4f2c-9a55-3f1d0a8f4b11"
	keys := []hotstate.IdempotencyKey{
		{Caller: "a", Method: "POST", Path: "/x", Key: key},
		{Caller: "aPOST", Method: "", Path: "/x", Key: key},
		{Caller: "a", Method: "POST/", Path: "x", Key: key},
		{Caller: `a","POST`, Method: "", Path: "/x", Key: key},
	}
	first, err := db.Collector.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Rollback(t.Context())
	second, err := db.Collector.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Rollback(t.Context())
	take := func(tx pgx.Tx, keys []hotstate.IdempotencyKey) []bool {
		t.Helper()
		var batch pgx.Batch
		taken := hotstate.TakeIdempotencyKeys(&batch, keys)
		if err := tx.SendBatch(t.Context(), &batch).Close(); err != nil {
			t.Fatal(err)
		}
		return taken.Got
	}
	if got := take(first, keys[:1]); !got[0] {
		t.Fatal(got)
	}
	if got := take(second, keys); got[0] || !got[1] || !got[2] || !got[3] {
		t.Error(got)
	}
}
