// Package hotstate owns the PostgreSQL database: its schema in numbered migrations, its login roles, and every query.
//
// Schema book is what only we hold: registrations, users, tickets on their way to the ledger, idempotency keys. It is
// backed up. Schema view is derived from the ledger and can be dropped and made again.
//
// Queries are functions by noun (StoreByID, InsertTickets). They take a DB, so that the caller decides what belongs to
// one transaction.
package hotstate

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is what a query needs: a pool, one of its connections, or a transaction.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// ErrNotFound says that no row answers to the id asked for.
var ErrNotFound = errors.New("not found")

// Defaults of a pool; the connection URL overrides them (pool_max_conns, connect_timeout and so on).
const (
	maxConns       = 16
	connectTimeout = 5 * time.Second
	// A process that hangs inside a transaction holds locks that others wait for: PostgreSQL ends it after this time.
	idleInTransaction = "60s"
)

// Open connects to the database and makes sure that it answers.
func Open(ctx context.Context, databaseURL string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err) // pgx leaves the password out of it
	}
	if !hasParameter(databaseURL, "pool_max_conns") {
		config.MaxConns = maxConns
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	if _, set := config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"]; !set {
		config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = idleInTransaction
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, explainConnect(err, config.ConnConfig)
	}
	return pool, nil
}

// explainConnect says in one sentence what is wrong and what to do.
func explainConnect(err error, config *pgx.ConnConfig) error {
	where := fmt.Sprintf("%s:%d", config.Host, config.Port)
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return fmt.Errorf("PostgreSQL does not answer at %s; start it, or set the right address: %w", where, err)
	}
	switch server.Code {
	case "3D000": // invalid_catalog_name
		return fmt.Errorf("there is no database %q at %s; create it first: %w", config.Database, where, err)
	case "28P01", "28000": // invalid_password, invalid_authorization_specification
		return fmt.Errorf("PostgreSQL at %s refuses the login of %q; was the database migrated, and is its password the one in the URL?: %w",
			where, config.User, err)
	}
	return fmt.Errorf("connect to PostgreSQL at %s: %w", where, err)
}

func hasParameter(databaseURL, name string) bool {
	if u, err := url.Parse(databaseURL); err == nil && u.Scheme != "" {
		return u.Query().Has(name)
	}
	return strings.Contains(databaseURL, name+"=")
}

// notFound turns the driver's word for an empty answer into ours.
func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
