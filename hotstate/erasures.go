package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The states of an erasure. Cleared: nothing is left of the member but the bar in the keyring.
const (
	ErasureRunning = "running"
	ErasureCleared = "cleared"
	ErasureDone    = "done"
)

// An Erasure is a member who is being forgotten, or was.
type Erasure struct {
	ID          string // UUID
	MemberIndex string // keyed hash of the loyalty id
	LoyaltyID   string // empty unless running, as the next two
	Account     []byte // nil: the member has no pseudonym that we know of
	KeyID       string
	UpTo        int64 // id of the newest ticket accepted before the request
	State       string
	Step        string // what it is at, or waits for
	Tickets     int64  // recorded ones
	Emptied     int64  // of these: without person part by now
	ClosedBlock *int64 // the ledger's account is closed since; nil: not yet
	Attempts    int
	RequestedAt time.Time
	FinishedAt  *time.Time
}

const erasureColumns = ` erasure_id::text, member_index, coalesce(loyalty_id, ''), account, coalesce(key_id, ''), up_to, state, step,
	tickets, emptied, closed_block, attempts, requested_at, finished_at `

// BeginErasure asks for a member to be forgotten. An erasure that is under way is given as it is.
func BeginErasure(ctx context.Context, db DB, memberIndex, loyaltyID string) (Erasure, error) {
	return oneErasure(ctx, db, "begin an erasure", `
		insert into book.erasures (member_index, loyalty_id, up_to)
		select $1, $2, coalesce(max(id), 0) from book.tickets
		on conflict (member_index) where state <> 'done' do update set member_index = excluded.member_index
		returning`+erasureColumns, memberIndex, loyaltyID)
}

// LastErasure gives the newest erasure of a member, or ErrNotFound.
func LastErasure(ctx context.Context, db DB, memberIndex string) (Erasure, error) {
	return oneErasure(ctx, db, "read an erasure", `
		select`+erasureColumns+`from book.erasures where member_index = $1 order by requested_at desc limit 1`, memberIndex)
}

// ErasureByID gives an erasure, or ErrNotFound.
func ErasureByID(ctx context.Context, db DB, id string) (Erasure, error) {
	return oneErasure(ctx, db, "read an erasure", `select`+erasureColumns+`from book.erasures where erasure_id = $1`, id)
}

// ListErasures gives a page of the erasures, the oldest first; its key is the id of the last one seen.
func ListErasures(ctx context.Context, db DB, page Page) ([]Erasure, error) {
	rows, err := db.Query(ctx, `
		select`+erasureColumns+`from book.erasures
		where $1 = '' or (requested_at, erasure_id) > (select requested_at, erasure_id from book.erasures where erasure_id::text = $1)
		order by requested_at, erasure_id limit $2`, page.after(0), page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Erasure])
}

// TakeErasure takes an erasure that nobody works on, or gives ErrNotFound. Who took it has until the lease ends.
func TakeErasure(ctx context.Context, db DB, lease time.Duration) (Erasure, error) {
	return oneErasure(ctx, db, "take an erasure", `
		update book.erasures set lease_until = now() + $1, attempts = attempts + 1
		where erasure_id = (
			select erasure_id from book.erasures
			where state <> 'done' and `+leaseOver+`
			order by lease_until limit 1
			for update skip locked)
		returning`+erasureColumns, lease)
}

// PostponeErasure lets go of an erasure, to be taken again when the time has passed.
func PostponeErasure(ctx context.Context, db DB, id, step string, wait time.Duration) error {
	return execErasure(ctx, db, "postpone an erasure", `
		update book.erasures set step = $2, lease_until = now() + $3 where erasure_id = $1 and state <> 'done'`, id, step, wait)
}

// RenewErasure says what an erasure is at, and keeps others away for another lease.
func RenewErasure(ctx context.Context, db DB, id, step string, lease time.Duration) error {
	return execErasure(ctx, db, "renew the lease of an erasure", `
		update book.erasures set step = $2, lease_until = now() + $3 where erasure_id = $1 and state <> 'done'`, id, step, lease)
}

// KeepPseudonym keeps what is about to be destroyed elsewhere and is still needed to forget.
func KeepPseudonym(ctx context.Context, db DB, id string, account [16]byte, keyID string) error {
	return execErasure(ctx, db, "keep a pseudonym", `
		update book.erasures set account = $2, key_id = $3 where erasure_id = $1 and state = 'running'`, id, account[:], keyID)
}

// KeepClosed notes in which block, or before it, the member's account was closed.
func KeepClosed(ctx context.Context, db DB, id string, block uint64) error {
	return execErasure(ctx, db, "note a closed account", `
		update book.erasures set closed_block = $2 where erasure_id = $1 and state = 'running'`, id, int64(block))
}

// FinishErasure ends an erasure that is cleared.
func FinishErasure(ctx context.Context, db DB, id string) error {
	return execErasure(ctx, db, "finish an erasure", `
		update book.erasures set state = 'done', step = '', finished_at = now() where erasure_id = $1 and state = 'cleared'`, id)
}

func oneErasure(ctx context.Context, db DB, what, sql string, args ...any) (Erasure, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return Erasure{}, fmt.Errorf("%s: %w", what, err)
	}
	erasure, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Erasure])
	if errors.Is(err, pgx.ErrNoRows) {
		return Erasure{}, ErrNotFound
	}
	if err != nil {
		return Erasure{}, fmt.Errorf("%s: %w", what, err)
	}
	return erasure, nil
}

func execErasure(ctx context.Context, db DB, what, sql string, args ...any) error {
	if _, err := db.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
