package token

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// secretFile holds 32 random bytes beside the keys. It is none of them, so that what is made with it outlives a key: cursors
// that clients hold, references to lines, and counters that several servers share.
const (
	secretFile  = "secret"
	secretBytes = 32
)

// openSecret reads the secret of the servers, and makes it where there is none.
func openSecret(folder string) ([]byte, error) {
	name := filepath.Join(folder, secretFile)
	secret, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, secretBytes)
		rand.Read(fresh)
		if err := place(name, fresh); err != nil {
			return nil, fmt.Errorf("make the servers' secret: %w", err)
		}
		secret, err = os.ReadFile(name) // which another server may have made first
	}
	if err != nil {
		return nil, fmt.Errorf("read the servers' secret: %w", err)
	}
	if len(secret) != secretBytes {
		return nil, fmt.Errorf("read the servers' secret: %s has %d bytes, not %d; restore it from the backup of the keys, or remove it: cursors and references to lines that clients hold then end",
			name, len(secret), secretBytes)
	}
	return secret, nil
}

// Derive gives a secret for another purpose of the servers, the same on all of them.
func (k *Keys) Derive(purpose string) ([]byte, error) {
	secret, err := hkdf.Key(sha256.New, k.secret, nil, "tillproof/v1/"+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive the secret for %s: %w", purpose, err)
	}
	return secret, nil
}
