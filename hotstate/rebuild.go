package hotstate

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ClearView empties all of the view that comes from the ledger, so that it is made again from the first block
// on, and gives the number of the block that it had come to. What only book holds stays as it is.
//
// A projector may be at work meanwhile. The lock on its checkpoint, which it takes before all others, waits for the block
// it is at; the next block it brings is then not the view's next one and is refused (see Project), upon which it begins
// again at block 0. So it does if no block comes: it looks now and then where the view is.
func ClearView(ctx context.Context, tx pgx.Tx, channel string) (cameTo uint64, err error) {
	if _, err := tx.Exec(ctx, "lock table view.checkpoint in access exclusive mode"); err != nil {
		return 0, fmt.Errorf("clear the view: %w", err)
	}
	if cameTo, err = ViewNextBlock(ctx, tx, channel); err != nil {
		return 0, err
	}
	tables, err := viewTables(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("clear the view: %w", err)
	}
	if _, err := tx.Exec(ctx, "truncate "+strings.Join(tables, ", ")); err != nil {
		return 0, fmt.Errorf("clear the view: %w", err)
	}
	return cameTo, nil
}

// viewTables are all that this login may empty, so that none that a later migration adds is forgotten. What the anchor
// service makes from Ethereum is its own, and says the same before and after.
func viewTables(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select format('%I.%I', schemaname, tablename) from pg_tables
		where schemaname = 'view' and has_table_privilege(format('%I.%I', schemaname, tablename), 'truncate')
		order by tablename`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// TransactionsOfBlock gives the ids of a block's transactions, in their order, valid or not.
func TransactionsOfBlock(ctx context.Context, db DB, block uint64) ([]string, error) {
	rows, err := db.Query(ctx, "select tx_id from view.transactions where block = $1 order by tx_index", int64(block))
	if err != nil {
		return nil, fmt.Errorf("read the transactions of block %d: %w", block, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the transactions of block %d: %w", block, err)
	}
	return ids, nil
}
