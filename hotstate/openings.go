package hotstate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ProjectedOpening is what opens a ticket's commitment beyond its trade part.
type ProjectedOpening struct {
	TradeSecret  [32]byte
	FixedLeaves  []byte // 8 hashes
	PersonLeaves []byte // so many hashes
	PersonSecret []byte // nil: the person is erased
}

func insertOpenings(ctx context.Context, tx pgx.Tx, p Projection) error {
	return copyRows(ctx, tx, "openings",
		[]string{"ticket_key", "trade_secret", "fixed_leaves", "person_leaves", "person_secret"},
		pgx.CopyFromSlice(len(p.Tickets), func(i int) ([]any, error) {
			t := &p.Tickets[i]
			o := &t.Opening
			return []any{t.Key[:], o.TradeSecret[:], o.FixedLeaves, o.PersonLeaves, o.PersonSecret}, nil
		}))
}

// An Opening is all that proofs of one ticket are made from. It is never handed out: what a proof shows is computed from
// it.
type Opening struct {
	Key          []byte
	Index        int64 // in the log
	Commitment   []byte
	RetailerID   string
	Trade        []byte
	Person       []byte // nil: erased
	TradeSecret  []byte
	FixedLeaves  []byte
	PersonLeaves []byte
	PersonSecret []byte
}

// ReadOpening reads the opening of one ticket that the actor has been found to have, or to own a line of. For the rest of
// the transaction the database shows that ticket's opening and the log's hashes, and nothing of the actor's any more.
func ReadOpening(ctx context.Context, tx pgx.Tx, key []byte) (Opening, error) {
	_, err := tx.Exec(ctx, "select set_config('role', 'tillproof_prover', true), set_config('tillproof.ticket_key', $1, true)",
		hex.EncodeToString(key))
	if err != nil {
		return Opening{}, fmt.Errorf("become tillproof_prover: %w", err)
	}
	rows, err := tx.Query(ctx, `
		select t.ticket_key, l.log_index, l.commitment, t.retailer_id, t.trade, t.person,
		       o.trade_secret, o.fixed_leaves, o.person_leaves, o.person_secret
		from view.tickets t
		join view.openings o using (ticket_key)
		join view.log_entries l using (ticket_key)
		where t.ticket_key = $1`, key)
	if err != nil {
		return Opening{}, fmt.Errorf("read an opening: %w", err)
	}
	opening, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Opening])
	if errors.Is(err, pgx.ErrNoRows) {
		return Opening{}, ErrNotFound
	}
	if err != nil {
		return Opening{}, fmt.Errorf("read an opening: %w", err)
	}
	return opening, nil
}

// FindTicketKey gives the key of one of the actor's recorded tickets. Another's is not found, nor one that is not
// recorded yet.
func FindTicketKey(ctx context.Context, tx pgx.Tx, actor Actor, transactionID string) ([]byte, error) {
	if actor.Role != RoleCustomer && actor.Role != RoleStore {
		return nil, ErrRole
	}
	var where conditions
	where.add("transaction_id = ?", transactionID)
	where.own(actor, ownerColumns{member: "loyalty_id", retailer: "retailer_id", store: "store_id"})
	var key []byte
	err := tx.QueryRow(ctx, "select ticket_key from view.tickets where "+where.String()+
		" order by recorded_at desc limit 1", where.args...).Scan(&key)
	if err := notFound(err); err != nil {
		return nil, fmt.Errorf("find a ticket: %w", err)
	}
	return key, nil
}

// ReadOpenings gives the openings of all tickets in the view up to the log's checkpoint, in no order. It is for an audit, by
// a login that may read everything; what is missing beside a ticket is nil.
func ReadOpenings(ctx context.Context, db DB, yield func(Opening) error) error {
	rows, err := db.Query(ctx, `
		select t.ticket_key, coalesce(l.log_index, -1), l.commitment, t.retailer_id, t.trade, t.person,
		       o.trade_secret, o.fixed_leaves, o.person_leaves, o.person_secret
		from view.tickets t
		left join view.openings o using (ticket_key)
		left join view.log_entries l using (ticket_key)`)
	if err != nil {
		return fmt.Errorf("read openings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Opening
		if err := rows.Scan(&o.Key, &o.Index, &o.Commitment, &o.RetailerID, &o.Trade, &o.Person,
			&o.TradeSecret, &o.FixedLeaves, &o.PersonLeaves, &o.PersonSecret); err != nil {
			return fmt.Errorf("read openings: %w", err)
		}
		if err := yield(o); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read openings: %w", err)
	}
	return nil
}

// An UndoneTicket is what joins an undo to the ticket that undoes.
type UndoneTicket struct {
	TransactionID string
	Trade         []byte
	PersonSecret  []byte // nil: erased
}

// UndoneTickets gives those of a retailer's transactions that the view has.
func UndoneTickets(ctx context.Context, db DB, retailerID string, transactionIDs []string) ([]UndoneTicket, error) {
	rows, err := db.Query(ctx, `
		select t.transaction_id::text, t.trade, o.person_secret
		from view.tickets t join view.openings o using (ticket_key)
		where t.transaction_id = any ($2::text[]::uuid[]) and t.retailer_id = $1`, retailerID, transactionIDs)
	if err != nil {
		return nil, fmt.Errorf("look for undone tickets: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[UndoneTicket])
}
