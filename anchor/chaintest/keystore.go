package chaintest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/google/uuid"
)

// Keystore makes an account for a program, with a password that takes little work to check.
func Keystore(t testing.TB) (file, passwordFile string) {
	t.Helper()
	secret, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := keystore.EncryptKey(&keystore.Key{Id: uuid.New(), Address: crypto.PubkeyToAddress(secret.PublicKey), PrivateKey: secret},
		"password", keystore.LightScryptN, keystore.LightScryptP)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, passwordFile = filepath.Join(dir, "key.json"), filepath.Join(dir, "password")
	for path, content := range map[string][]byte{file: encrypted, passwordFile: []byte("password\n")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, passwordFile
}
