package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/network/material"
)

// The view is disposable: with an empty database, what only the book has, the keys and the real ledger, every table comes out
// the same, whatever happened to the running system's while it grew.
func TestViewMadeAgain(t *testing.T) {
	file := os.Getenv("TILLPROOF_E2E_ENV")
	if file == "" {
		t.Skip("TILLPROOF_E2E_ENV is not set: scripts/test brings a network up and sets it")
	}
	env := readEnv(t, file)
	running, err := pgxpool.New(t.Context(), env["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	again := hotstatetest.New(t)
	for _, table := range []string{"manufacturers", "manufacturer_prefixes", "products", "product_owners", "customers", "stores", "redemptions", "transfers"} {
		copyTable(t, running, again.Owner, "book."+table)
	}
	project(t, env, again)

	var want, got map[string]string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		// Other tests go on meanwhile; at some moment both have come to the same block.
		want, got = hashView(t, running), hashView(t, again.Owner)
		if maps.Equal(want, got) {
			return
		}
	}
	for _, table := range slices.Sorted(maps.Keys(want)) {
		if want[table] != got[table] {
			t.Errorf("%s: made again %s, running %s", table, got[table], want[table])
		}
	}
}

// project follows the running network's ledger into another database until the test ends.
func project(t *testing.T, env map[string]string, into *hotstatetest.Database) {
	t.Helper()
	crypto := material.Directory(env["TILLPROOF_CRYPTO_DIR"])
	client := crypto.Client(material.Collector)
	ledger, err := fabric.Connect(fabric.Config{
		Channel: "tickets", Chaincode: "tickets", MSPID: material.Retail.MSPID,
		Certificate: client.Certificate, PrivateKey: client.Key, TLSCA: crypto.TLSCA(material.Retail),
		Peers: []string{env["TILLPROOF_RETAIL_PEER"]}, Endorsers: both,
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Open(env["TILLPROOF_KEYS_DIR"])
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		projector.New(into.Collector, ledger, keys).Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done; ledger.Close() })
}

func copyTable(t *testing.T, from, to *pgxpool.Pool, table string) {
	t.Helper()
	var rows bytes.Buffer
	err := from.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
		_, err := conn.Conn().PgConn().CopyTo(t.Context(), &rows, "copy "+table+" to stdout")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = to.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
		_, err := conn.Conn().PgConn().CopyFrom(t.Context(), &rows, "copy "+table+" from stdin")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hashView hashes every table of the view, but for those that are made from Ethereum, in one snapshot.
func hashView(t *testing.T, db *pgxpool.Pool) map[string]string {
	t.Helper()
	hashes := make(map[string]string)
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(t.Context(), db, snapshot, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
			select tablename from pg_tables where schemaname = 'view' and tablename not like 'anchor%'`)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, table := range tables {
			var hash string
			err := tx.QueryRow(t.Context(), fmt.Sprintf(`
				select count(*) || ' rows ' || md5(coalesce(string_agg(md5(row::text), '' order by md5(row::text)), ''))
				from view.%s as row`, pgx.Identifier{table}.Sanitize())).Scan(&hash)
			if err != nil {
				return err
			}
			hashes[table] = hash
		}
		next, err := hotstate.ViewNextBlock(t.Context(), tx, "tickets")
		hashes["next block"] = fmt.Sprint(next)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hashes
}
