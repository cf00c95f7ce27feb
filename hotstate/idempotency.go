package hotstate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// IdempotencyLifetime is how long an answer is repeated to who asks again under the same key.
const IdempotencyLifetime = 24 * time.Hour

// IdempotencyKey is a key in its scope: another caller, method or path may use the same one for itself.
type IdempotencyKey struct {
	Caller, Method, Path string
	Key                  string // UUID
}

// StoredAnswer is what was answered under an idempotency key.
type StoredAnswer struct {
	BodyHash []byte // of the request's body, keyed
	Status   int
	Headers  map[string]string
	Body     []byte
}

// TakenKeys tells what became of the wish for some keys, in the order of the wish.
type TakenKeys struct {
	Got     []bool // one that was not got is being worked on elsewhere
	Answers map[IdempotencyKey]StoredAnswer
}

// tryKey takes a key until the end of the transaction, and is false if another one has it.
const tryKey = "pg_try_advisory_xact_lock(hashtextextended(jsonb_build_array(caller, method, path, key)::text, 0))"

// keepAnswers begins a statement that keeps answers; overExpired ends it.
const (
	keepAnswers = `
		insert into book.idempotency_keys (caller, method, path, key, body_hash, status, headers, response)
		select caller, method, path, key::uuid, body_hash, status, headers, response`
	overExpired = `
		on conflict (caller, method, path, key) do update
		set body_hash = excluded.body_hash, status = excluded.status, headers = excluded.headers,
			response = excluded.response, created_at = now()`
)

// TakeIdempotencyKeys queues statements that take the keys for this transaction, and find what was answered under them within
// IdempotencyLifetime. The locks end with the transaction, also when its process dies, so that no key stays blocked.
//
// It asks twice: the second statement sees what the keys' last holders committed.
func TakeIdempotencyKeys(batch *pgx.Batch, keys []IdempotencyKey) *TakenKeys {
	c := keyColumns(keys)
	taken := &TakenKeys{Answers: make(map[IdempotencyKey]StoredAnswer)}
	batch.Queue(`
		select `+tryKey+`
		from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as k (caller, method, path, key, place)
		order by place`, c.callers, c.methods, c.paths, c.keys).Query(func(rows pgx.Rows) (err error) {
		taken.Got, err = pgx.CollectRows(rows, pgx.RowTo[bool])
		return err
	})
	batch.Queue(`
		select k.*, stored.*
		from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as k (caller, method, path, key), lateral (
			select body_hash, status, headers, response
			from book.idempotency_keys i
			where i.caller = k.caller and i.method = k.method and i.path = k.path and i.key = k.key::uuid
				and created_at + $5::interval > now() -- in this form no index but the primary key will do
			offset 0) as stored -- which makes no join of it: a plan for one might read all keys`, c.callers, c.methods, c.paths, c.keys, IdempotencyLifetime).Query(func(rows pgx.Rows) error {
		var k IdempotencyKey
		var a StoredAnswer
		_, err := pgx.ForEachRow(rows, []any{&k.Caller, &k.Method, &k.Path, &k.Key, &a.BodyHash, &a.Status, &a.Headers, &a.Body}, func() error {
			taken.Answers[k] = a
			a = StoredAnswer{}
			return nil
		})
		return err
	})
	return taken
}

// StoreAnswers queues a statement that keeps answers under their keys, over those that have expired.
func StoreAnswers(batch *pgx.Batch, answers map[IdempotencyKey]StoredAnswer) {
	keys := slices.Collect(maps.Keys(answers))
	inOrder := make([]StoredAnswer, len(keys))
	for i, key := range keys {
		inOrder[i] = answers[key]
	}
	c, a := keyColumns(keys), answerColumns(inOrder)
	batch.Queue(keepAnswers+`
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::int[], $7::jsonb[], $8::bytea[])
			as k (caller, method, path, key, body_hash, status, headers, response)`+overExpired,
		c.callers, c.methods, c.paths, c.keys, a.hashes, a.statuses, a.headers, a.bodies)
}

// PurgeAnswers deletes up to limit expired answers and says how many it deleted.
func PurgeAnswers(ctx context.Context, db DB, limit int) (int64, error) {
	tag, err := db.Exec(ctx, `
		delete from book.idempotency_keys where ctid = any(array(
			select ctid from book.idempotency_keys
			where created_at <= now() - $1::interval order by created_at limit $2 for update skip locked))`,
		IdempotencyLifetime, limit)
	if err != nil {
		return 0, fmt.Errorf("purge idempotency keys: %w", err)
	}
	return tag.RowsAffected(), nil
}

type idempotencyColumns struct{ callers, methods, paths, keys []string }

func keyColumns(keys []IdempotencyKey) (c idempotencyColumns) {
	for _, key := range keys {
		c.callers = append(c.callers, key.Caller)
		c.methods = append(c.methods, key.Method)
		c.paths = append(c.paths, key.Path)
		c.keys = append(c.keys, key.Key)
	}
	return c
}

type storedColumns struct {
	hashes, bodies [][]byte
	statuses       []int32
	headers        []map[string]string
}

func answerColumns(answers []StoredAnswer) (c storedColumns) {
	for _, answer := range answers {
		c.hashes = append(c.hashes, answer.BodyHash)
		c.statuses = append(c.statuses, int32(answer.Status))
		c.headers = append(c.headers, answer.Headers)
		c.bodies = append(c.bodies, answer.Body)
	}
	return c
}
