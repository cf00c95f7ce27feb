package hotstate

import (
	"context"
	"database/sql"
)

// ScramVerifier is exported to compare it with PostgreSQL's own.
var ScramVerifier = scramVerifier

// SalesSQL is exported to look at its plans.
var SalesSQL = salesSQL

// MigrateTo brings a database up or down to a version of the schema.
func MigrateTo(ctx context.Context, ownerURL string, version int64) error {
	db, err := sql.Open("pgx", ownerURL)
	if err != nil {
		return err
	}
	defer db.Close()
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	if _, err := provider.DownTo(ctx, version); err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return err
}
