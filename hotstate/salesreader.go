package hotstate

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
)

// salesBatch is how many rows of a whole answer are read at once; three times as many are in memory at most.
const salesBatch = 1000

// A salesReader reads rows, and then their names. Names are asked for once each: to find out that one may be read takes
// longer than to find a sum.
type salesReader struct {
	tx    pgx.Tx
	query SalesQuery
	names *salesNames
}

func (r salesReader) read(ctx context.Context, sql string, args ...any) ([]SalesRow, error) {
	rows, err := readSalesRows(ctx, r.tx, r.query, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	if err := r.names.add(ctx, r.tx, rows); err != nil {
		return nil, fmt.Errorf("read the names in sales: %w", err)
	}
	return rows, nil
}

// stream reads all rows in batches, the next one while the last is handed on: PostgreSQL and whoever writes the answer have
// as much to do as each other.
func (r salesReader) stream(ctx context.Context, sql string, args []any, yield func(*SalesRow) error) error {
	batches, enough := make(chan []SalesRow), make(chan struct{})
	var reader sync.WaitGroup
	var failed error // for who has seen batches closed
	reader.Go(func() {
		defer close(batches)
		failed = r.batches(ctx, sql, args, batches, enough)
	})
	defer reader.Wait()
	defer close(enough) // not ctx: to end a query halfway would cost the connection
	for rows := range batches {
		if err := yieldEach(rows, yield); err != nil {
			return err
		}
	}
	return failed
}

// batches sends all rows. They come from a cursor, since names are read in between. PostgreSQL plans it for its first rows,
// and so walks an index that has their order, rather than to sort all of them. The cursor ends with its transaction.
func (r salesReader) batches(ctx context.Context, sql string, args []any, to chan<- []SalesRow, enough <-chan struct{}) error {
	if _, err := r.tx.Exec(ctx, "declare sales no scroll cursor for "+sql, args...); err != nil {
		return fmt.Errorf("read sales: %w", err)
	}
	for {
		rows, err := r.read(ctx, fmt.Sprintf("fetch %d from sales", salesBatch), pgx.QueryExecModeExec)
		if err != nil {
			return err
		}
		select {
		case to <- rows:
		case <-enough:
			return nil
		}
		if len(rows) < salesBatch {
			return nil
		}
	}
}
