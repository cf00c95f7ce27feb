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

// Member gives the pseudonym and key of a loyalty id, and makes them the first time.
func (k *Keyring) Member(loyaltyID string) (Member, error) {
	if member, cached := k.cached(k.members, loyaltyID); cached {
		return member, nil
	}
	path := k.memberPath(loyaltyID)
	content, err := readKey(path, memberSize)
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
	return readKey(theirs, memberSize)
}

func (k *Keyring) memberPath(loyaltyID string) string {
	mac := hmac.New(sha256.New, k.memberIndex)
	mac.Write([]byte(loyaltyID))
	name := hex.EncodeToString(mac.Sum(nil))
	return filepath.Join(k.dir, "members", name[:2], name)
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

func (k *Keyring) cached(in map[string]Member, name string) (Member, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	member, found := in[name]
	return member, found
}

func (k *Keyring) cache(in map[string]Member, name string, member Member) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(in) >= maxCached {
		clear(in)
	}
	in[name] = member
}
