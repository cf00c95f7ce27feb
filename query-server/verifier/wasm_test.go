package verifier

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const golden = "../../domain/proof/testdata/"

// The verifier is compiled for the browser and run by Node.js, on the golden bundles and on the same with a byte changed.
func TestTheVerifierRunsAsWebAssembly(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: WebAssembly cannot be run")
	}
	dir := t.TempDir()
	program := buildProgram(t, dir)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	support := filepath.Join(dir, "wasm_exec.cjs")
	copyFile(t, filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", supportFile), support)

	var bundles []string
	var good []bool
	for _, name := range []string{"whole.json", "line.json", "first.json", "pending.json", "anchored.json", "newer.json"} {
		bundles, good = append(bundles, golden+name), append(good, true)
		encoded := readFile(t, golden+name)
		for _, part := range []int{3, 5, 7} {
			tampered := slices.Clone(encoded)
			tampered[len(tampered)*part/10] ^= 1
			path := filepath.Join(dir, fmt.Sprintf("%d-%s", part, name))
			if err := os.WriteFile(path, tampered, 0o600); err != nil {
				t.Fatal(err)
			}
			bundles, good = append(bundles, path), append(good, false)
		}
	}
	pins := filepath.Join(dir, pinsFile)
	if err := os.WriteFile(pins, goldenPins(t), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(node, append([]string{"testdata/run.mjs", program, support, pins}, bundles...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	reports := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(reports) != len(bundles) {
		t.Fatalf("%d reports on %d bundles", len(reports), len(bundles))
	}
	for i, text := range reports {
		var report struct{ Proven bool }
		if err := json.Unmarshal([]byte(text), &report); err != nil || report.Proven != good[i] {
			t.Errorf("%s: %v, %.200s", bundles[i], err, text)
		}
	}
}

// buildProgram compiles the verifier as scripts/up does.
func buildProgram(t testing.TB, dir string) string {
	t.Helper()
	program := filepath.Join(dir, programFile)
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "../cmd/tillproof-verifier")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return program
}

// BenchmarkProgram tells how large the verifier is, as it is and as it travels.
func BenchmarkProgram(b *testing.B) {
	dir := b.TempDir()
	buildProgram(b, dir)
	for b.Loop() {
		p, err := load(dir)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(p.plain)), "B")
		b.ReportMetric(float64(len(p.packed)), "gzip-B")
	}
	b.ReportMetric(0, "ns/op")
}

func goldenPins(t *testing.T) []byte {
	t.Helper()
	pins := map[string]string{"operator": strings.TrimSpace(string(readFile(t, golden+"operator.key"))),
		"witness": strings.TrimSpace(string(readFile(t, golden+"witness.key")))}
	for i, value := range strings.Fields(string(readFile(t, golden+"ethereum.key"))) {
		pins[[]string{"chainId", "contract", "retail", "brands"}[i]] = value
	}
	encoded, err := json.Marshal(pins)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, readFile(t, from), 0o600); err != nil {
		t.Fatal(err)
	}
}
