package token

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// firstKey is the file that the first start makes.
const firstKey = "0001.pem"

// overlap is how long a new key is published before it signs, so that whoever keeps our keys for a while knows it by then.
const overlap = 10 * time.Minute

const lookEvery = 30 * time.Second

// Keys are the keys of this issuer.
type Keys struct {
	folder string
	secret []byte // see Derive

	mu      sync.RWMutex
	public  map[string]ed25519.PublicKey // by kid
	order   []string                     // kids, oldest first
	signing ed25519.PrivateKey
	kid     string // of signing
}

// OpenKeys reads the keys in a folder, and makes the first one where there is none.
func OpenKeys(folder string) (*Keys, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the token keys: %w", err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*.pem"))
	if err != nil {
		return nil, fmt.Errorf("open the token keys: %w", err)
	}
	if len(names) == 0 {
		if err := makeKey(filepath.Join(folder, firstKey)); err != nil {
			return nil, fmt.Errorf("make the first token key: %w", err)
		}
	}
	keys := &Keys{folder: folder}
	if keys.secret, err = openSecret(folder); err != nil {
		return nil, err
	}
	return keys, keys.Reload(time.Now())
}

// Reload reads the folder again: keys are added and removed while servers run. The newest by name signs, of those that have
// been there for the overlap; if none has, the oldest. On an error what was known stays.
func (k *Keys) Reload(now time.Time) error {
	names, err := filepath.Glob(filepath.Join(k.folder, "*.pem"))
	if err == nil && len(names) == 0 {
		err = errors.New("there is none left")
	}
	if err != nil {
		return fmt.Errorf("read the token keys: %w", err)
	}
	slices.Sort(names)
	public, order := map[string]ed25519.PublicKey{}, []string{}
	var signing ed25519.PrivateKey
	for _, name := range names {
		private, changed, err := readKey(name)
		if err != nil {
			return fmt.Errorf("read the token key %s: %w", name, err)
		}
		key := private.Public().(ed25519.PublicKey)
		kid := thumbprint(key)
		public[kid], order = key, append(order, kid)
		if signing == nil || now.Sub(changed) >= overlap {
			signing = private
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.public, k.order, k.signing = public, order, signing
	k.kid = thumbprint(signing.Public().(ed25519.PublicKey))
	return nil
}

// Watch reloads now and then, until ctx ends.
func (k *Keys) Watch(ctx context.Context, log *slog.Logger) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-look.C:
			if err := k.Reload(now); err != nil {
				log.ErrorContext(ctx, "the token keys stay as they were", "error", err)
			}
		}
	}
}

func (k *Keys) signer() (ed25519.PrivateKey, string) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.signing, k.kid
}

func (k *Keys) verifier(kid string) (ed25519.PublicKey, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, known := k.public[kid]
	return key, known
}

// thumbprint is the key's id: RFC 7638 over the members of RFC 8037, in their order.
func thumbprint(public ed25519.PublicKey) string {
	x := base64.RawURLEncoding.EncodeToString(public)
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// makeKey writes a new key. Of two servers that start at once both take the one that came first.
func makeKey(name string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	return place(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// place writes a file under a name of its own and links it into place: it appears whole or not at all, and never replaces
// one that is there.
func place(name string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// readKey gives a key, and when its file was written.
func readKey(name string) (ed25519.PrivateKey, time.Time, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	key, err := parseKey(text)
	return key, info.ModTime(), err
}

func parseKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("it is not a PEM file with a PRIVATE KEY")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("it is a %T, and must be an Ed25519 key", key)
	}
	return private, nil
}
