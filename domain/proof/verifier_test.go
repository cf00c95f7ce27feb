package proof_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A verifier in another language, written from docs/proof.md alone, comes to the same verdicts.
func TestAnotherVerifierAgrees(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: the second verifier cannot run")
	}
	folder := t.TempDir()
	files := []string{"testdata/whole.json", "testdata/line.json", "testdata/first.json",
		"testdata/pending.json", "testdata/anchored.json", "testdata/newer.json"}
	good := len(files)
	for _, name := range files {
		encoded := must(os.ReadFile(name))
		for i := range 25 {
			tampered := slices.Clone(encoded)
			tampered[rand.IntN(len(tampered))] ^= 1 << rand.IntN(7)
			if verify(tampered, trust) == nil {
				t.Fatalf("accepted: %s", tampered)
			}
			path := filepath.Join(folder, fmt.Sprintf("%d-%s", i, filepath.Base(name)))
			if err := os.WriteFile(path, tampered, 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, path)
		}
	}
	arguments := append([]string{"-B", "testdata/verify.py", "testdata/operator.key", "testdata/witness.key", "testdata/ethereum.key"}, files...)
	output, err := exec.Command(python, arguments...).Output()
	if _, refused := err.(*exec.ExitError); err != nil && !refused {
		t.Fatal(err)
	}
	verdicts := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(verdicts) != len(files) {
		t.Fatalf("%d verdicts on %d bundles:\n%s", len(verdicts), len(files), output)
	}
	for i, verdict := range verdicts {
		if (verdict == "proven") != (i < good) {
			t.Errorf("%s: %s", files[i], verdict)
		}
	}
}
