package programs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFabricIsBuilt(t *testing.T) {
	module, into := t.TempDir(), t.TempDir()
	put(t, filepath.Join(module, "go.mod"), "module pins")
	put(t, filepath.Join(module, "go.sum"), "sums")
	for _, name := range fabricPrograms {
		put(t, filepath.Join(into, name), name)
	}
	check := func(what string, want bool) {
		t.Helper()
		if got, err := FabricIsBuilt(module, into); err != nil || got != want {
			t.Errorf("%s: built = %v, %v; want %v", what, got, err, want)
		}
	}
	check("programs of unknown origin", false)

	made, err := stamp(module)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(into, stampName), made)
	check("a complete build", true)

	put(t, filepath.Join(module, "go.sum"), "other sums")
	check("a build of another version", false)

	put(t, filepath.Join(module, "go.sum"), "sums")
	if err := os.Remove(filepath.Join(into, "peer")); err != nil {
		t.Fatal(err)
	}
	check("a build of which a program was removed", false)
}

func TestCountKeepsWhatExplainsAFailure(t *testing.T) {
	output := strings.Join([]string{
		"go: downloading github.com/hyperledger/fabric v1.4.0",
		"github.com/hyperledger/fabric/protoutil",
		"# github.com/hyperledger/fabric/core",
		"core/peer.go:12:3: undefined: x",
	}, "\n")
	kept := count(strings.NewReader(output), func(string) {})
	if got := strings.Join(kept, "\n"); got != "# github.com/hyperledger/fabric/core\ncore/peer.go:12:3: undefined: x" {
		t.Errorf("kept %q", got)
	}
}

func put(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
