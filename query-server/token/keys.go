package token

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// firstKey is the file that the first start makes.
const firstKey = "0001.pem"

// Keys are the keys of this issuer.
type Keys struct {
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
		name := filepath.Join(folder, firstKey)
		if err := makeKey(name); err != nil {
			return nil, fmt.Errorf("make the first token key: %w", err)
		}
		names = []string{name}
	}
	slices.Sort(names)
	keys := &Keys{public: map[string]ed25519.PublicKey{}}
	for _, name := range names {
		private, err := readKey(name)
		if err != nil {
			return nil, fmt.Errorf("read the token key %s: %w", name, err)
		}
		keys.add(private)
	}
	return keys, nil
}

func (k *Keys) add(private ed25519.PrivateKey) {
	public := private.Public().(ed25519.PublicKey)
	k.signing, k.kid = private, thumbprint(public)
	k.public[k.kid] = public
	k.order = append(k.order, k.kid)
}

// Derive gives a secret for another purpose of the server, so that no further key file is needed.
func (k *Keys) Derive(purpose string) ([]byte, error) {
	secret, err := hkdf.Key(sha256.New, k.signing.Seed(), nil, "tillproof/v1/"+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive the secret for %s: %w", purpose, err)
	}
	return secret, nil
}

// thumbprint is the key's id: RFC 7638 over the members of RFC 8037, in their order.
func thumbprint(public ed25519.PublicKey) string {
	x := base64.RawURLEncoding.EncodeToString(public)
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// makeKey writes a new key under a name of its own and links it into place: it appears whole or not at all, and of two
// servers that start at once both take the one that came first.
func makeKey(name string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := errors.Join(pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), file.Sync(), file.Close()); err != nil {
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

func readKey(name string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
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
