// Package solidity makes artifacts and Go bindings of the contracts in this module, with the pinned compiler.
package solidity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi/abigen"
)

// A source is a contract of this module: Directory/Name.sol, whose bindings are in the package of that folder.
type source struct{ Directory, Name string }

var sources = []source{{"contract", "LogAnchor"}, {"benchmark", "SalePerTransaction"}}

// Artifacts are the generated files, relative to the module.
func Artifacts() []string {
	var files []string
	for _, s := range sources {
		for _, name := range []string{s.Name + ".abi", s.Name + ".bin", s.bindings()} {
			files = append(files, filepath.Join(s.Directory, name))
		}
	}
	return files
}

// ErrNoCompiler says that the compiler could not be had; the contracts were not looked at.
var ErrNoCompiler = errors.New("the Solidity compiler cannot be installed")

// Generate compiles the contracts of the module in the folder module and writes all artifacts below the folder into.
func Generate(ctx context.Context, module, into string) error {
	compiler, err := os.MkdirTemp("", "tillproof-solc-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(compiler)
	if err := install(ctx, filepath.Join(module, "contract"), compiler); err != nil {
		return fmt.Errorf("%w: %w", ErrNoCompiler, err)
	}
	for _, s := range sources {
		if err := s.generate(ctx, module, into, filepath.Join(compiler, "node_modules", "solc")); err != nil {
			return fmt.Errorf("generate %s: %w", s.Name, err)
		}
	}
	return nil
}

func install(ctx context.Context, pins, dir string) error {
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(pins, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return run(ctx, dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
}

func (s source) generate(ctx context.Context, module, into, compiler string) error {
	out := filepath.Join(into, s.Directory)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	script := filepath.Join(module, "contract", "compile.mjs")
	if err := run(ctx, "", "node", script, compiler, out, filepath.Join(module, s.Directory, s.Name+".sol")); err != nil {
		return err
	}
	return s.bind(out)
}

// bind writes the Go bindings, from the files that the compiler wrote.
func (s source) bind(out string) error {
	abi, err := os.ReadFile(filepath.Join(out, s.Name+".abi"))
	if err != nil {
		return err
	}
	bin, err := os.ReadFile(filepath.Join(out, s.Name+".bin"))
	if err != nil {
		return err
	}
	code, err := abigen.BindV2([]string{s.Name}, []string{string(bytes.TrimSpace(abi))}, []string{string(bytes.TrimSpace(bin))},
		s.Directory, nil, nil)
	if err != nil {
		return err
	}
	code = strings.ReplaceAll(code, `"Unknown error"`, `"unknown error"`) // as all of our errors
	return os.WriteFile(filepath.Join(out, s.bindings()), []byte(code), 0o644)
}

func (s source) bindings() string { return strings.ToLower(s.Name) + ".go" }

func run(ctx context.Context, dir, program string, args ...string) error {
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = dir
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(output))
	}
	return nil
}
