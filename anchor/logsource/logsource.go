// Package logsource reads the log of tickets as the query server publishes it (C2SP tlog-tiles), and believes none of it
// unchecked: the operator must have signed the checkpoint, and the tiles must show that the log only grew.
package logsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/tiles"
)

// ErrNotGrown says that the log is not what it was, with more behind it: somebody rewrote it.
var ErrNotGrown = errors.New("the log does not extend what was anchored before")

// A Log is read by HTTP.
type Log struct {
	URL      *url.URL // of the query server
	Operator checkpoint.Key
	HTTP     *http.Client
}

// maxCheckpoint bounds a checkpoint with many signatures.
const maxCheckpoint = 64 << 10

// Checkpoint is the newest that the operator has signed.
func (l *Log) Checkpoint(ctx context.Context) (statement.State, error) {
	text, err := l.get(ctx, "v1/log/checkpoint", maxCheckpoint)
	if err != nil {
		return statement.State{}, fmt.Errorf("ask for the log's checkpoint: %w", err)
	}
	c, _, err := checkpoint.Open(string(text), l.Operator)
	if err != nil {
		return statement.State{}, fmt.Errorf("the log's checkpoint cannot be believed: %w", err)
	}
	return statement.State{Size: uint64(c.Size), Root: [32]byte(c.Root)}, nil
}

// CheckGrowth proves, from the log's tiles, that the first so many entries of the newer log are those of the older.
func (l *Log) CheckGrowth(ctx context.Context, older, newer statement.State) error {
	if newer.Size < older.Size {
		return fmt.Errorf("%w: it has %d entries and had %d; either it is just being made again from the ledger, or it was cut short", ErrNotGrown, newer.Size, older.Size)
	}
	if newer.Size == older.Size && newer.Root != older.Root {
		return fmt.Errorf("%w: at %d entries its root is %s and was %s", ErrNotGrown, newer.Size, newer.Root, older.Root)
	}
	if older.Size == 0 || newer == older {
		return nil
	}
	tree := tlog.Tree{N: int64(newer.Size), Hash: tlog.Hash(newer.Root)}
	proof, err := tlog.ProveTree(tree.N, int64(older.Size), tlog.TileHashReader(tree, tileReader{ctx, l}))
	if err != nil {
		return fmt.Errorf("read the log's tiles: %w", err)
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, int64(older.Size), tlog.Hash(older.Root)); err != nil {
		return fmt.Errorf("%w: size %d, root %s is not the beginning of size %d, root %s", ErrNotGrown,
			older.Size, older.Root, newer.Size, newer.Root)
	}
	return nil
}

// A tileReader is for one tlog.TileHashReader, which checks what it reads against the tree.
type tileReader struct {
	ctx context.Context
	log *Log
}

func (r tileReader) Height() int { return tiles.Height }

func (r tileReader) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for i, t := range wanted {
		address := tiles.Path{ID: tiles.ID{Level: t.L, Index: t.N}, Partial: t.W}
		var err error
		if read[i], err = r.log.get(r.ctx, "v1/log/tile/"+address.String(), int64(t.W*tlog.HashSize)); err != nil {
			return nil, err
		}
	}
	return read, nil
}

func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (l *Log) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.URL.JoinPath(path).String(), nil)
	if err != nil {
		return nil, err
	}
	response, err := l.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", l.URL.JoinPath(path), response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s answers with more than %d bytes", l.URL.JoinPath(path), limit)
	}
	return text, err
}
