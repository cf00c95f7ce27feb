package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A member is forgotten in three steps, each of which may be made again. Find tells what there is to destroy. Forget
// destroys the key, and bars the loyalty id: its file is replaced by an empty one, so that nothing is sealed for it, by
// any collector, until all that was kept under the old key is cleared away. Readmit lifts the bar: who comes with that
// loyalty id again gets another pseudonym and another key, which nothing joins to the old ones.

var (
	// ErrUnknown says that a loyalty id has no pseudonym.
	ErrUnknown = errors.New("the member has no key")

	// ErrBarred says that a loyalty id is being forgotten, and gets no pseudonym before that is done.
	ErrBarred = errors.New("the member is being forgotten")

	// errAppeared says that a key was made while there seemed to be none to destroy.
	errAppeared = errors.New("a key was made for the member meanwhile")
)

// Find gives the pseudonym and key of a loyalty id, and makes none: it gives ErrUnknown, or ErrBarred.
func (k *Keyring) Find(loyaltyID string) (Member, error) {
	content, err := readMember(k.memberPath(k.Index(loyaltyID)))
	if errors.Is(err, fs.ErrNotExist) {
		return Member{}, ErrUnknown
	}
	if err != nil {
		return Member{}, fmt.Errorf("member's key: %w", err)
	}
	return parseMember(content), nil
}

// Forget bars a loyalty id and destroys its key, of which Find has given the id; "": it had none.
func (k *Keyring) Forget(loyaltyID, keyID string) error {
	if err := k.bar(k.memberPath(k.Index(loyaltyID)), keyID == ""); err != nil {
		return fmt.Errorf("bar a member: %w", err)
	}
	if keyID == "" {
		return nil
	}
	if err := destroy(k.keyPath(keyID)); err != nil {
		return fmt.Errorf("destroy a member's key: %w", err)
	}
	return k.destroyLeftovers(loyaltyID, keyID)
}

// destroyLeftovers destroys the name under which a collector that was killed had prepared a member's file.
func (k *Keyring) destroyLeftovers(loyaltyID, keyID string) error {
	left, err := filepath.Glob(filepath.Join(filepath.Dir(k.memberPath(k.Index(loyaltyID))), temporaryPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		content, err := readKey(path, memberSize)
		if err != nil || parseMember(content).KeyID != keyID {
			continue
		}
		if err := destroy(path); err != nil {
			return fmt.Errorf("destroy a leftover of a member's key: %w", err)
		}
	}
	return nil
}

// destroy removes a file, and is done when the disk knows.
func destroy(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := syncFolder(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// bar puts an empty file where a member's file is, or, if it is a new one, where none is.
func (k *Keyring) bar(path string, isNew bool) error {
	temporary, err := writeTemporary(path, nil)
	if err != nil {
		return err
	}
	defer os.Remove(temporary)
	if !isNew {
		err = os.Rename(temporary, path)
	} else if err = os.Link(temporary, path); errors.Is(err, fs.ErrExist) {
		if _, there := readMember(path); errors.Is(there, ErrBarred) {
			return nil
		}
		return errAppeared
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Readmit lifts the bar from the member with an index.
func (k *Keyring) Readmit(index string) error {
	path := k.memberPath(index)
	if _, err := readMember(path); !errors.Is(err, ErrBarred) {
		return nil // it was lifted before, and the file may be a new member's
	}
	if err := destroy(path); err != nil {
		return fmt.Errorf("readmit a member: %w", err)
	}
	return nil
}

// readMember reads a member's file, or gives ErrBarred.
func readMember(path string) ([]byte, error) {
	content, err := readKey(path, memberSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		if info, failed := os.Stat(path); failed == nil && info.Size() == 0 {
			return nil, ErrBarred
		}
	}
	return content, err
}
