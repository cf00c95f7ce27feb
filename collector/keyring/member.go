package keyring

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// A Member is what stands for a loyalty id: a random pseudonym on the ledger and a random sealing key.
type Member struct {
	KeyID   string // 32 hex digits
	Account ledger.Account
	Key     sealed.Key
}

// ErrForgotten says that a member's key is no more: their person parts can be read by nobody.
var ErrForgotten = errors.New("the member's key was destroyed")

const memberSize = 16 + 16 + 32

// Member gives the pseudonym and key of a loyalty id, and makes them the first time. It gives ErrBarred while the member is
// being forgotten.
func (k *Keyring) Member(loyaltyID string) (Member, error) {
	if member, cached := k.cached(k.members, loyaltyID); cached {
		return member, nil
	}
	path := k.memberPath(k.Index(loyaltyID))
	content, err := readMember(path)
	if errors.Is(err, fs.ErrNotExist) {
		content, err = k.createMember(path)
	}
	if err != nil {
		return Member{}, fmt.Errorf("member's key: %w", err)
	}
	member := parseMember(content)
	k.cache(k.members, loyaltyID, member)
	return member, nil
}

// MemberByKeyID gives the member that a sealed body names, or ErrForgotten.
func (k *Keyring) MemberByKeyID(keyID string) (Member, error) {
	if member, cached := k.cached(k.byKeyID, keyID); cached {
		return member, nil
	}
	if decoded, err := hex.DecodeString(keyID); err != nil || len(decoded) != 16 {
		return Member{}, errors.New("member's key: the key id is not 32 hex digits")
	}
	content, err := readKey(k.keyPath(keyID), memberSize)
	if errors.Is(err, fs.ErrNotExist) {
		return Member{}, ErrForgotten
	}
	if err != nil {
		return Member{}, fmt.Errorf("member's key: %w", err)
	}
	member := parseMember(content)
	k.cache(k.byKeyID, keyID, member)
	return member, nil
}

// createMember makes a member's file under both of its names; if another collector is quicker, that one's holds.
func (k *Keyring) createMember(path string) ([]byte, error) {
	content := make([]byte, memberSize)
	rand.Read(content)
	temporary, err := writeTemporary(path, content)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary)
	byKey := k.keyPath(parseMember(content).KeyID)
	if err := os.MkdirAll(filepath.Dir(byKey), 0o700); err != nil {
		return nil, err
	}
	// The name by key id first: whoever finds a member must find the key of what was sealed for them.
	if err := os.Link(temporary, byKey); err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(byKey)); err != nil {
		return nil, err
	}
	switch err := os.Link(temporary, path); {
	case err == nil:
		return content, syncFolder(filepath.Dir(path))
	case errors.Is(err, fs.ErrExist):
		return firstOf(byKey, path)
	default:
		return nil, err
	}
}

// firstOf drops our own file and reads the one that was there first.
func firstOf(ours, theirs string) ([]byte, error) {
	if err := os.Remove(ours); err != nil {
		return nil, err
	}
	return readMember(theirs)
}

// Index is what stands for a loyalty id where it is not to be read: a keyed hash, in hex.
func (k *Keyring) Index(loyaltyID string) string {
	mac := hmac.New(sha256.New, k.memberIndex)
	mac.Write([]byte(loyaltyID))
	return hex.EncodeToString(mac.Sum(nil))
}

func (k *Keyring) memberPath(index string) string {
	return filepath.Join(k.dir, "members", index[:2], index)
}

func (k *Keyring) keyPath(keyID string) string {
	return filepath.Join(k.dir, "member-keys", keyID[:2], keyID)
}

func parseMember(content []byte) Member {
	return Member{
		KeyID:   hex.EncodeToString(content[:16]),
		Account: ledger.Account(content[16:32]),
		Key:     sealed.Key(content[32:]),
	}
}

// cached gives what is in memory, if its key is still on the disk: another collector may have destroyed it. To look costs
// some microseconds. A key id is never given to another member, so no new one can pass for the old.
func (k *Keyring) cached(in map[string]Member, name string) (Member, bool) {
	k.mu.Lock()
	member, found := in[name]
	k.mu.Unlock()
	if !found {
		return Member{}, false
	}
	if _, err := os.Lstat(k.keyPath(member.KeyID)); err == nil {
		return member, true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(in, name)
	return Member{}, false
}

func (k *Keyring) cache(in map[string]Member, name string, member Member) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(in) >= maxCached {
		clear(in)
	}
	in[name] = member
}
