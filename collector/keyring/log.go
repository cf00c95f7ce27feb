package keyring

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tillproof/tillproof/domain/checkpoint"
)

// LogOperator signs the checkpoints of the log of this name, and keeps the public key beside the secret one. The key is
// made the first time.
func (k *Keyring) LogOperator(origin string) (*checkpoint.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.operator != nil && k.operator.Name() == origin {
		return k.operator, nil
	}
	path := filepath.Join(k.dir, "log", "operator")
	seed, err := readOrCreate(path+".key", 32)
	if err != nil {
		return nil, fmt.Errorf("the log's key: %w", err)
	}
	operator, err := checkpoint.NewOperator(origin, [32]byte(seed))
	if err != nil {
		return nil, fmt.Errorf("the log's key: %w", err)
	}
	if err := publish(path+".pub", []byte(operator.Key.String()+"\n")); err != nil {
		return nil, fmt.Errorf("the log's public key: %w", err)
	}
	k.operator = operator
	return operator, nil
}

// publish writes a file whole, if it has not that content.
func publish(path string, content []byte) error {
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, content) {
		return nil
	}
	temporary, err := writeTemporary(path, content)
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
