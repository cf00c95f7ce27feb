package key

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/google/uuid"
)

// Ensure opens the keystore, which it makes first if there is none, with a new account and a random password.
func Ensure(file, passwordFile string) (*Keystore, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := create(file, passwordFile); err != nil {
			return nil, fmt.Errorf("make an account: %w", err)
		}
	}
	return OpenKeystore(file, passwordFile)
}

// create writes the password first and the keystore under its name last: a keystore that is there can be opened.
func create(file, passwordFile string) error {
	secret, err := crypto.GenerateKey()
	if err != nil {
		return err
	}
	password := rand.Text()
	id, err := uuid.NewRandom()
	if err != nil {
		return err
	}
	encrypted, err := keystore.EncryptKey(&keystore.Key{Id: id, Address: crypto.PubkeyToAddress(secret.PublicKey), PrivateKey: secret},
		password, keystore.StandardScryptN, keystore.StandardScryptP)
	if err != nil {
		return err
	}
	for _, dir := range []string{filepath.Dir(file), filepath.Dir(passwordFile)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	unfinished := file + ".new"
	if err := os.WriteFile(unfinished, encrypted, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, file)
}
