package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The roles of the API, as tokens name them.
const (
	RoleCustomer     = "customer"
	RoleStore        = "store"
	RoleManufacturer = "manufacturer"
	RoleAuditor      = "auditor"
	RoleAdmin        = "admin"
)

// ErrRole is returned to an actor whose role may not ask for such a thing at all.
var ErrRole = errors.New("the role may not read this")

// ErrUnavailable says that the database cannot be read at the moment: it is away, or all connections to it were taken for
// longer than it makes sense to wait.
var ErrUnavailable = errors.New("the database cannot be read at the moment")

const connectionWithin = 5 * time.Second

// An Actor is on whose behalf the database is read. It comes from a verified token and from nowhere else.
type Actor struct {
	Role           string
	StoreIDs       []string // of a store
	RetailerID     string   // of a chain's head office, which has no StoreIDs
	ManufacturerID string
	LoyaltyID      string
}

// databaseRole names the role that row-level security knows the actor by.
func (a Actor) databaseRole() (string, error) {
	switch a.Role {
	case RoleStore:
		if a.RetailerID != "" {
			return "tillproof_head_office", nil
		}
		return "tillproof_store", nil
	case RoleCustomer, RoleManufacturer, RoleAuditor, RoleAdmin:
		return "tillproof_" + a.Role, nil
	}
	return "", fmt.Errorf("read as %q: %w", a.Role, ErrRole)
}

// Role and settings last until the transaction ends, so that a pooled connection takes nothing of one actor to the next.
// The cast makes the list a text[] literal, whatever characters its ids hold.
const becomeActor = `
	select set_config('role', $1, true),
	       set_config('tillproof.store_ids', coalesce($2::text[], '{}')::text, true),
	       set_config('tillproof.retailer_id', $3, true),
	       set_config('tillproof.manufacturer_id', $4, true),
	       set_config('tillproof.loyalty_id', $5, true)`

// As runs read in a transaction that sees one snapshot of the database, and of it only what the actor may see.
func As(ctx context.Context, pool *pgxpool.Pool, actor Actor, read func(tx pgx.Tx) error) error {
	role, err := actor.databaseRole()
	if err != nil {
		return err
	}
	conn, err := acquire(ctx, pool)
	if err != nil {
		return err
	}
	defer conn.Release()
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, conn, snapshot, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, becomeActor, role, actor.StoreIDs, actor.RetailerID, actor.ManufacturerID, actor.LoyaltyID)
		if err != nil {
			return fmt.Errorf("become %s: %w", role, err)
		}
		return read(tx)
	})
	if err != nil && ctx.Err() == nil && (conn.Conn().IsClosed() || overtaken(err)) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// overtaken reports whether a replica ended a query that held up its replay of the primary's changes.
func overtaken(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "40001" // serialization_failure; nothing else of it happens to who only reads
}

func acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, connectionWithin)
	defer cancel()
	conn, err := pool.Acquire(waiting)
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return conn, err
}
