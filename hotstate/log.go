package hotstate

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/domain/tiles"
)

// A LogEntry is one ticket's entry of the Merkle log.
type LogEntry struct {
	Index      int64
	Key        [32]byte // of the ticket
	Commitment [32]byte
}

// A LogCheckpoint is the log's size, and the same with its root and signatures as text.
type LogCheckpoint struct {
	Channel string
	Size    int64
	Signed  string // empty: there is none yet
}

// ReadLogCheckpoint gives the newest checkpoint.
func ReadLogCheckpoint(ctx context.Context, db DB) (LogCheckpoint, error) {
	return readCheckpoint(ctx, db, "select channel, size, signed from view.log_checkpoint order by channel limit 1")
}

// ReadWitnessedCheckpoint gives the newest checkpoint that the witness has cosigned.
func ReadWitnessedCheckpoint(ctx context.Context, db DB) (LogCheckpoint, error) {
	return readCheckpoint(ctx, db, "select channel, size, signed from book.witnessed_checkpoint order by channel limit 1")
}

func readCheckpoint(ctx context.Context, db DB, sql string) (LogCheckpoint, error) {
	var c LogCheckpoint
	err := db.QueryRow(ctx, sql).Scan(&c.Channel, &c.Size, &c.Signed)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return LogCheckpoint{}, fmt.Errorf("read the log's checkpoint: %w", err)
	}
	return c, nil
}

// StoreWitnessedCheckpoint keeps a cosigned checkpoint, unless a later one is there.
func StoreWitnessedCheckpoint(ctx context.Context, db DB, c LogCheckpoint) error {
	_, err := db.Exec(ctx, `
		insert into book.witnessed_checkpoint as there (channel, size, signed) values ($1, $2, $3)
		on conflict (channel) do update set size = excluded.size, signed = excluded.signed
		where there.size <= excluded.size`, c.Channel, c.Size, c.Signed)
	if err != nil {
		return fmt.Errorf("store the witnessed checkpoint: %w", err)
	}
	return nil
}

// ReadTiles gives the hashes of tiles, those there are.
func ReadTiles(ctx context.Context, db DB, ids []tiles.ID) (map[tiles.ID][]byte, error) {
	levels, indexes := make([]int, len(ids)), make([]int64, len(ids))
	for i, id := range ids {
		levels[i], indexes[i] = id.Level, id.Index
	}
	rows, err := db.Query(ctx, `
		select t.level, t.tile, t.hashes
		from unnest($1::int[], $2::bigint[]) as asked (level, tile)
		join view.log_tiles t using (level, tile)`, levels, indexes)
	if err != nil {
		return nil, fmt.Errorf("read the log's tiles: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[tiles.Tile])
	if err != nil {
		return nil, fmt.Errorf("read the log's tiles: %w", err)
	}
	found := make(map[tiles.ID][]byte, len(stored))
	for _, tile := range stored {
		found[tile.ID] = tile.Hashes
	}
	return found, nil
}

// ReadLogEntries gives the entries from an index on, up to limit of them.
func ReadLogEntries(ctx context.Context, db DB, from int64, limit int) ([]LogEntry, error) {
	rows, err := db.Query(ctx, `
		select log_index, ticket_key, commitment from view.log_entries
		where log_index >= $1 order by log_index limit $2`, from, limit)
	if err != nil {
		return nil, fmt.Errorf("read the log's entries: %w", err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (LogEntry, error) {
		var e LogEntry
		var key, commitment []byte
		err := row.Scan(&e.Index, &key, &commitment)
		if err == nil && (len(key) != 32 || len(commitment) != 32) {
			return e, fmt.Errorf("entry %d is not what it was", e.Index)
		}
		copy(e.Key[:], key)
		copy(e.Commitment[:], commitment)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the log's entries: %w", err)
	}
	return entries, nil
}

// AppendLog adds a block's entries to the log, with the tiles and the checkpoint that hold them.
func AppendLog(ctx context.Context, tx pgx.Tx, block uint64, entries []LogEntry, changed []tiles.Tile, checkpoint LogCheckpoint) error {
	err := copyRows(ctx, tx, "log_entries", []string{"log_index", "ticket_key", "commitment", "block"},
		pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
			e := &entries[i]
			return []any{e.Index, e.Key[:], e.Commitment[:], int64(block)}, nil
		}))
	if err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	batch := &pgx.Batch{}
	for _, t := range changed {
		batch.Queue(`
			insert into view.log_tiles (level, tile, hashes) values ($1, $2, $3)
			on conflict (level, tile) do update set hashes = excluded.hashes`, t.Level, t.Index, t.Hashes)
	}
	batch.Queue(`
		insert into view.log_checkpoint (channel, size, signed) values ($1, $2, $3)
		on conflict (channel) do update set size = excluded.size, signed = excluded.signed`,
		checkpoint.Channel, checkpoint.Size, checkpoint.Signed)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	return nil
}

// AsLogReader runs read in a transaction that sees one snapshot of the public log, and nothing else.
func AsLogReader(ctx context.Context, pool *pgxpool.Pool, read func(tx pgx.Tx) error) error {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, pool, snapshot, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local role tillproof_log"); err != nil {
			return fmt.Errorf("become tillproof_log: %w", err)
		}
		return read(tx)
	})
}
