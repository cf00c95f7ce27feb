package hotstatetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Holding names every table of book and view with a row in which some bytes stand, as text or within a binary column.
func Holding(t testing.TB, pool *pgxpool.Pool, needle []byte) (tables []string) {
	t.Helper()
	ctx := context.Background()
	rows, err := pool.Query(ctx, `
		select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('book', 'view') order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range all {
		var found bool
		text, binary := hex.EncodeToString(needle), hex.EncodeToString(needle)
		if utf8.Valid(needle) && !bytes.Contains(needle, []byte{0}) {
			text = string(needle)
		}
		err := pool.QueryRow(ctx, fmt.Sprintf(`
			select exists (select from %s as row where strpos(row::text, $1) > 0 or strpos(row::text, $2) > 0)`, table),
			text, binary).Scan(&found)
		if err != nil {
			t.Fatalf("search %s: %v", table, err)
		}
		if found {
			tables = append(tables, table)
		}
	}
	return tables
}
