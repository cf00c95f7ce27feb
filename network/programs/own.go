package programs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tillproof/tillproof/network/durable"
)

// own are our programs' packages, relative to the repository.
var own = []string{
	"./network/cmd/tillproof-network",
	"./network/cmd/tillproof-programme",
	"./chaincode/cmd/tillproof-chaincode",
	"./collector/cmd/tillproof-collector",
	"./query-server/cmd/tillproof-query-server",
	"./witness/cmd/tillproof-witness",
	"./anchor/cmd/tillproof-anchor",
	"./cli/cmd/tillproof",
}

// Build compiles our own programs. The compiler itself knows what has not
// changed. No version control stamp goes in: a commit alone is no reason to
// restart everything.
func Build(ctx context.Context, repository, into string) error {
	if err := os.MkdirAll(into, 0o700); err != nil {
		return err
	}
	args := append([]string{"build", "-buildvcs=false", "-o", into + string(filepath.Separator)}, own...)
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = repository
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(repository, "go.work"))
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build our programs: %w:\n%s", err, output)
	}
	return nil
}

// BuildVerifier compiles the verifier for browsers, and puts beside it the script by which Go's programs are loaded there.
func BuildVerifier(ctx context.Context, repository, into string) error {
	if err := os.MkdirAll(into, 0o700); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", filepath.Join(into, "verify.wasm"), "./query-server/cmd/tillproof-verifier")
	command.Dir = repository
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(repository, "go.work"), "GOOS=js", "GOARCH=wasm")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the verifier for browsers: %w:\n%s", err, output)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find Go's own files: %w", err)
	}
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("read Go's script for browsers: %w", err)
	}
	return durable.WriteFile(filepath.Join(into, "wasm_exec.js"), script)
}
