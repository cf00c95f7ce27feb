package api

import (
	"encoding/binary"
	"net/http"
	"strings"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

// logCheckpoint answers with the newest checkpoint, and with the witness's signature if it has come as far.
func (s *server) logCheckpoint(w http.ResponseWriter, r *http.Request) {
	var newest, witnessed hotstate.LogCheckpoint
	err := hotstate.AsLogReader(r.Context(), s.Pool, func(tx pgx.Tx) (err error) {
		if newest, err = hotstate.ReadLogCheckpoint(r.Context(), tx); err != nil {
			return err
		}
		witnessed, err = hotstate.ReadWitnessedCheckpoint(r.Context(), tx)
		return err
	})
	switch {
	case err != nil:
		s.fail(w, r, err)
		return
	case newest.Signed == "":
		notFound(w, r) // before the channel's first block
		return
	case witnessed.Size == newest.Size && strings.HasPrefix(witnessed.Signed, newest.Signed):
		newest = witnessed
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write([]byte(newest.Signed))
}

// logTile answers with a tile of hashes or a bundle of entries (C2SP tlog-tiles).
func (s *server) logTile(w http.ResponseWriter, r *http.Request) {
	path, err := tiles.ParsePath(mux.Vars(r)["path"])
	if err != nil {
		notFound(w, r)
		return
	}
	var content []byte
	err = hotstate.AsLogReader(r.Context(), s.Pool, func(tx pgx.Tx) (err error) {
		if path.Level == tiles.Entries {
			content, err = entryBundle(r, tx, path)
			return err
		}
		stored, err := hotstate.ReadTiles(r.Context(), tx, []tiles.ID{path.ID})
		if want := path.Partial * tlog.HashSize; err == nil && len(stored[path.ID]) >= want {
			content = stored[path.ID][:want]
		}
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if content == nil {
		notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // so many first hashes never change
	w.Write(content)
}

// entryBundle gives entries, each behind its length in two bytes; nil if one of them is not there.
func entryBundle(r *http.Request, tx pgx.Tx, path tiles.Path) ([]byte, error) {
	checkpoint, err := hotstate.ReadLogCheckpoint(r.Context(), tx)
	if err != nil {
		return nil, err
	}
	entries, err := hotstate.ReadLogEntries(r.Context(), tx, path.Index*tiles.Width, path.Partial)
	if err != nil || len(entries) < path.Partial {
		return nil, err
	}
	var bundle []byte
	for i, entry := range entries {
		if entry.Index != path.Index*tiles.Width+int64(i) {
			return nil, nil
		}
		bytes := ledger.LogEntry(checkpoint.Channel, entry.Key, entry.Commitment)
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(bytes)))
		bundle = append(bundle, bytes...)
	}
	return bundle, nil
}
