package solidity

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Whoever compiles the contracts again gets the bytes that are deployed.
func TestTheSameBytesAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("it fetches the compiler with npm")
	}
	module, again := filepath.Join("..", ".."), t.TempDir()
	err := Generate(t.Context(), module, again)
	if errors.Is(err, ErrNoCompiler) {
		t.Skipf("nothing to compile with: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Artifacts() {
		ours, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := os.ReadFile(filepath.Join(again, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(ours, theirs) {
			t.Errorf("%s is not what the compiler makes: run scripts/generate", name)
		}
	}
}
