// Package store keeps the witness's own log in a folder, and what it has vouched for:
//
//	tiles/<level>/<index>   a tile of hashes (package tiles)
//	state                   {"next": block, "size": entries}: what the tiles have of the channel, in the tiles' own folder
//	vouched                 the newest checkpoint that the witness has signed, its text
//	alarm                   what made the witness raise an alarm; a person removes it
//	witness.key             the Ed25519 seed, 32 bytes; witness.pub beside it is for those who verify
//
// A file appears whole or not at all and is on the disk before anything rests on it: first the tiles, then the state. Tiles
// that are ahead of the state do no harm, since what is appended is always the same.
package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/tiles"
)

// A Store is used by one process at a time.
type Store struct{ dir string }

// Open opens the folder, and makes it if it is not there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "tiles"), 0o700); err != nil {
		return nil, fmt.Errorf("open the witness's folder: %w", err)
	}
	return &Store{dir}, nil
}

// State is how far the log has come.
type State struct {
	Next uint64 `json:"next"` // block
	Size int64  `json:"size"` // entries
}

// State reads how far the log has come.
func (s *Store) State() (State, error) {
	var state State
	text, err := s.read("state")
	if err != nil || text == nil {
		return state, err
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return state, fmt.Errorf("read the witness's state: %w; remove it and tiles to have the log built again", err)
	}
	return state, nil
}

// Append keeps tiles, and then the state that they belong to.
func (s *Store) Append(changed []tiles.Tile, state State) error {
	for _, tile := range changed {
		if err := s.write(tilePath(tile.ID), tile.Hashes); err != nil {
			return fmt.Errorf("keep the log: %w", err)
		}
	}
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := s.write("state", text); err != nil {
		return fmt.Errorf("keep the log: %w", err)
	}
	return nil
}

// Tiles reads the hashes of tiles, those there are.
func (s *Store) Tiles(ids []tiles.ID) (map[tiles.ID][]byte, error) {
	found := make(map[tiles.ID][]byte, len(ids))
	for _, id := range ids {
		hashes, err := s.read(tilePath(id))
		if err != nil {
			return nil, err
		}
		if hashes != nil {
			found[id] = hashes
		}
	}
	return found, nil
}

// Root computes the root of the log when it had so many entries.
func (s *Store) Root(size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, tiles.Reader(s.Tiles))
}

func tilePath(id tiles.ID) string {
	return filepath.Join("tiles", strconv.Itoa(id.Level), strconv.FormatInt(id.Index, 10))
}

// Vouched is the newest checkpoint that the witness has signed; false: none yet.
func (s *Store) Vouched() (checkpoint.Checkpoint, bool, error) {
	text, err := s.read("vouched")
	if err != nil || text == nil {
		return checkpoint.Checkpoint{}, false, err
	}
	c, err := checkpoint.Parse(string(text))
	return c, err == nil, err
}

// Vouch keeps a checkpoint before it is signed.
func (s *Store) Vouch(c checkpoint.Checkpoint) error { return s.write("vouched", []byte(c.Text())) }

// Alarm is what made the witness raise an alarm; empty: nothing did.
func (s *Store) Alarm() (string, error) {
	text, err := s.read("alarm")
	return string(text), err
}

// RaiseAlarm keeps why. The first reason stays.
func (s *Store) RaiseAlarm(why string) error {
	if there, err := s.Alarm(); err != nil || there != "" {
		return err
	}
	return s.write("alarm", []byte(why))
}

// Seed gives the witness's key, made the first time.
func (s *Store) Seed() (seed [32]byte, err error) {
	text, err := s.read("witness.key")
	if err != nil {
		return seed, err
	}
	if text == nil {
		text = make([]byte, len(seed))
		rand.Read(text) // never fails
		if err := s.write("witness.key", text); err != nil {
			return seed, err
		}
	}
	if len(text) != len(seed) {
		return seed, fmt.Errorf("witness.key has %d bytes, it must have %d: restore it from its backup", len(text), len(seed))
	}
	return [32]byte(text), nil
}

// PublishKey writes the public key for those who verify.
func (s *Store) PublishKey(key checkpoint.Key) error {
	return s.write("witness.pub", []byte(key.String()+"\n"))
}

// read gives a file's content, nil if there is none.
func (s *Store) read(name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

func (s *Store) write(name string, content []byte) error {
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
