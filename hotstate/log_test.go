package hotstate_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// appendLog adds n entries in one commit, as the projector does, and gives the log's root.
func appendLog(t testing.TB, db *hotstatetest.Database, n int) (root tlog.Hash) {
	t.Helper()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, db.Collector, func(tx pgx.Tx) error {
		before, err := hotstate.ReadLogCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		appender, err := tiles.NewAppender(before.Size, func(ids []tiles.ID) (map[tiles.ID][]byte, error) {
			return hotstate.ReadTiles(ctx, tx, ids)
		})
		if err != nil {
			return err
		}
		entries, leaves := make([]hotstate.LogEntry, n), make([]tlog.Hash, n)
		for i := range n {
			entries[i] = logEntry(before.Size + int64(i))
			leaves[i] = leafOf(entries[i])
		}
		changed := appender.Append(leaves)
		if root, err = appender.Root(); err != nil {
			return err
		}
		return hotstate.AppendLog(ctx, tx, 1, entries, changed,
			hotstate.LogCheckpoint{Channel: "tickets", Size: appender.Size(), Signed: fmt.Sprintf("log\n%d\n", appender.Size())})
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func logEntry(index int64) hotstate.LogEntry {
	e := hotstate.LogEntry{Index: index}
	binary.BigEndian.PutUint64(e.Key[:], rand.New(rand.NewPCG(1, uint64(index))).Uint64()) // in no order, as keyed hashes are
	binary.BigEndian.PutUint64(e.Key[8:], uint64(index))
	return e
}

func leafOf(e hotstate.LogEntry) tlog.Hash {
	return tlog.RecordHash(ledger.LogEntry("tickets", e.Key, e.Commitment))
}

// prove gives the path of an entry, read as whoever asks for the public log.
func prove(t testing.TB, db *hotstatetest.Database, size, index int64) (path tlog.RecordProof) {
	t.Helper()
	ctx := context.Background()
	err := hotstate.AsLogReader(ctx, db.Query, func(tx pgx.Tx) (err error) {
		path, err = tlog.ProveRecord(size, index, tiles.Reader(func(ids []tiles.ID) (map[tiles.ID][]byte, error) {
			return hotstate.ReadTiles(ctx, tx, ids)
		}))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheLogGrowsBlockByBlock(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	size := int64(0)
	for _, n := range []int{0, 1, 1, 300, 0, 500, 700} {
		root := appendLog(t, db, n)
		size += int64(n)
		for range min(n, 20) {
			index := rand.Int64N(size)
			if err := tlog.CheckRecord(prove(t, db, size, index), size, root, index, leafOf(logEntry(index))); err != nil {
				t.Fatalf("entry %d of %d: %v", index, size, err)
			}
		}
	}
	entries, err := hotstate.ReadLogEntries(t.Context(), db.Collector, 500, 256)
	if err != nil || len(entries) != 256 || entries[0] != logEntry(500) || entries[255] != logEntry(755) {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

func TestAnOlderCheckpointReplacesNoNewerOne(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	for _, c := range []hotstate.LogCheckpoint{
		{Channel: "tickets", Size: 10, Signed: "ten"}, {Channel: "tickets", Size: 9, Signed: "nine"}, {Channel: "tickets", Size: 10, Signed: "ten again"},
	} {
		if err := hotstate.StoreWitnessedCheckpoint(t.Context(), db.Collector, c); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := hotstate.ReadWitnessedCheckpoint(t.Context(), db.Collector); err != nil || got.Signed != "ten again" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What proofs are made from no role of the API reads; the log's own reader sees the log alone, and the prover one ticket.
func TestOpeningsAreNobodys(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	_, err := db.Owner.Exec(t.Context(), `
		insert into view.openings
		select ticket_key, sha256('t'), decode(repeat('00', 256), 'hex'), '', sha256('p') from view.tickets;
		insert into view.log_entries select row_number() over () - 1, ticket_key, commitment, block from view.tickets`)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"select encode(trade_secret, 'hex') from view.openings", "select encode(person_secret, 'hex') from view.openings"}
	for _, actor := range []hotstate.Actor{{Role: "customer", LoyaltyID: "a"}, {Role: "store", StoreIDs: []string{"S2"}}, {Role: "store", RetailerID: "main"},
		{Role: "manufacturer", ManufacturerID: "m1"}, {Role: "auditor"}, {Role: "admin"}} {
		for _, sql := range append(secrets, "select ticket_key::text from view.log_entries", "select tile::text from view.log_tiles") {
			if got := readAs(t, db, actor, sql); got != denied {
				t.Errorf("%+v: %s reads %q", actor, sql, got)
			}
		}
	}
	err = hotstate.AsLogReader(t.Context(), db.Query, func(tx pgx.Tx) error {
		var tickets int
		if err := tx.QueryRow(t.Context(), "select count(*) from view.log_entries").Scan(&tickets); err != nil || tickets != 5 {
			t.Errorf("the log has %d entries, want 5", tickets)
		}
		_, err := tx.Exec(t.Context(), "select * from view.openings")
		if !isDenied(err) {
			t.Errorf("the reader of the log reads openings: %v", err)
		}
		return nil
	})
	if err != nil && !strings.Contains(err.Error(), "commit") {
		t.Fatal(err)
	}
	provesOne(t, db)
}

func provesOne(t *testing.T, db *hotstatetest.Database) {
	t.Helper()
	ctx, mine := context.Background(), hotstate.Actor{Role: "customer", LoyaltyID: "a"}
	err := hotstate.As(ctx, db.Query, mine, func(tx pgx.Tx) error {
		if _, err := hotstate.FindTicketKey(ctx, tx, mine, "00000000-0000-4000-8000-000000000002"); err == nil {
			t.Error("another's ticket was found")
		}
		key, err := hotstate.FindTicketKey(ctx, tx, mine, "00000000-0000-4000-8000-000000000001")
		if err != nil {
			return err
		}
		opening, err := hotstate.ReadOpening(ctx, tx, key)
		if err != nil {
			return err
		}
		if len(opening.TradeSecret) != 32 || len(opening.PersonSecret) != 32 || opening.RetailerID != "main" {
			t.Errorf("%+v", opening)
		}
		for _, table := range []string{"view.openings", "view.tickets", "view.log_entries"} {
			var rows int
			if err := tx.QueryRow(ctx, "select count(ticket_key) from "+table).Scan(&rows); err != nil || rows != 1 {
				t.Errorf("the prover sees %d rows of %s, want 1 (%v)", rows, table, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Appending costs the same however long the log is, and a proof of a million entries takes a few tiles.
func BenchmarkLog(b *testing.B) {
	db := hotstatetest.New(b)
	appending := func(b *testing.B) {
		for b.Loop() {
			appendLog(b, db, 500)
		}
	}
	b.Run("append 500 to an empty log", appending)
	size := int64(0)
	for size < 1_000_000 {
		appendLog(b, db, 50_000)
		current, err := hotstate.ReadLogCheckpoint(b.Context(), db.Collector)
		if err != nil {
			b.Fatal(err)
		}
		size = current.Size
	}
	b.Run("append 500 to a million", appending)
	b.Run("prove one of a million", func(b *testing.B) {
		var slowest time.Duration
		for b.Loop() {
			began := time.Now()
			prove(b, db, size, rand.Int64N(size))
			slowest = max(slowest, time.Since(began))
		}
		b.ReportMetric(float64(slowest.Microseconds())/1000, "ms-slowest")
	})
}
