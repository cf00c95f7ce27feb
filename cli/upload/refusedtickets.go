package upload

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// refusedTickets keeps the tickets of one dropped file that were not taken, a
// line each with reason and remedy.
type refusedTickets struct {
	shelf   *shelf
	name    string   // of the dropped file
	file    *os.File // nil as long as there is none to keep
	partial string
	buffer  *bufio.Writer
	lines   *json.Encoder // into buffer
}

func (s *shelf) refusedOf(name string) *refusedTickets { return &refusedTickets{shelf: s, name: name} }

func (r *refusedTickets) answered(from origin, text []byte, verdict answer) error {
	return r.write(newRejectedTicket(from, text, verdict))
}

func (r *refusedTickets) unsent(refused refusal) error {
	return r.write(newUnsentTicket(refused))
}

func (r *refusedTickets) write(kept rejectedTicket) error {
	if r.file == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	kept.File = r.name
	if err := r.lines.Encode(kept); err != nil {
		return fmt.Errorf("write rejected ticket: %w", err)
	}
	return nil
}

func (r *refusedTickets) open() error {
	if err := r.shelf.make(refusedFolder); err != nil {
		return err
	}
	r.partial = filepath.Join(r.shelf.folder, refusedFolder, ".rejected"+partialSuffix)
	file, err := os.OpenFile(r.partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create file of rejected tickets: %w", err)
	}
	r.file, r.buffer = file, bufio.NewWriter(file)
	r.lines = json.NewEncoder(r.buffer)
	r.lines.SetEscapeHTML(false) // keeps a ticket's text as it was
	return nil
}

// keep brings the tickets to the disk under their name, if there are any.
func (r *refusedTickets) keep() (place string, err error) {
	if r.file == nil {
		return "", nil
	}
	err = errors.Join(r.buffer.Flush(), r.file.Sync(), r.file.Close())
	r.file = nil
	if err != nil {
		return "", errors.Join(fmt.Errorf("write rejected tickets: %w", err), os.Remove(r.partial))
	}
	hash, err := r.shelf.hash(r.name)
	if err != nil {
		return "", err
	}
	place = filepath.Join(refusedFolder, tagged(r.name, hash)+".rejected")
	return place, rename(r.partial, filepath.Join(r.shelf.folder, place))
}

// discard throws away what was not kept.
func (r *refusedTickets) discard() {
	if r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.partial) // else the next start does
	}
}
