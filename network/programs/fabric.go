// Package programs builds what the network runs: the programs of Fabric and
// Ethereum, pinned by the modules in network/fabric and network/ethereum, and
// our own, from the workspace.
package programs

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tillproof/tillproof/network/durable"
)

// fabricPrograms are what the module's tool directives name.
var fabricPrograms = []string{"configtxgen", "cryptogen", "orderer", "osnadmin", "peer"}

// stampName is the file that holds what the programs beside it were made from.
const stampName = "made-from"

// FabricIsBuilt says whether BuildFabric would have nothing to do.
func FabricIsBuilt(module, into string) (bool, error) {
	return isBuilt(fabricPrograms, module, into)
}

// BuildFabric compiles Fabric's programs, unless that was done before with the
// same sources and compiler. The first time takes minutes, so it says how far
// it is.
func BuildFabric(ctx context.Context, module, into string, progress func(string)) error {
	return build(ctx, "Hyperledger Fabric", fabricPrograms, module, into, progress)
}

// BuildEthereum does the same for Ethereum's node.
func BuildEthereum(ctx context.Context, module, into string, progress func(string)) error {
	return build(ctx, "Ethereum's node", []string{"geth"}, module, into, progress)
}

func isBuilt(names []string, module, into string) (bool, error) {
	wanted, err := stamp(module)
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(into, name)); err != nil {
			return false, nil
		}
	}
	found, err := os.ReadFile(filepath.Join(into, stampName))
	return err == nil && string(found) == wanted, nil
}

func build(ctx context.Context, known string, names []string, module, into string, progress func(string)) error {
	if built, err := isBuilt(names, module, into); built || err != nil {
		return err
	}
	progress("building " + known + " (" + strings.Join(names, ", ") + "); the first time this takes some minutes")
	if shared, err := filepath.EvalSymlinks(into); err == nil {
		into = shared // and stays so
	}
	unfinished, err := durable.Folder(into)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "install", "-v", "tool")
	command.Dir = module
	command.Env = append(os.Environ(), "GOWORK=off", "GOBIN="+unfinished)
	if err := runCounting(command, progress); err != nil {
		return fmt.Errorf("build %s: %w", known, err)
	}
	wanted, err := stamp(module)
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(unfinished, stampName), []byte(wanted)); err != nil {
		return err
	}
	if err := os.RemoveAll(into); err != nil { // another version's
		return err
	}
	return durable.Move(unfinished, into)
}

func stamp(module string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return "", err
		}
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// sayEvery is how often a long build says how far it is.
const sayEvery = 10 * time.Second

// runCounting runs "go install -v", which prints a line for each module that
// it downloads and each package that it compiles, and sums these lines up.
func runCounting(command *exec.Cmd, progress func(string)) error {
	output, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	kept := count(output, progress)
	if _, err := io.Copy(io.Discard, output); err != nil { // after a line too long to scan
		return err
	}
	if err := command.Wait(); err != nil {
		return fmt.Errorf("%w:\n%s", err, strings.Join(kept, "\n"))
	}
	return nil
}

// count returns those of the last lines that are neither a download nor a
// package's name: if the build fails, they say why.
func count(output io.Reader, progress func(string)) []string {
	began, said := time.Now(), time.Now()
	downloaded, compiled := 0, 0
	var kept []string
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "go: downloading "):
			downloaded++
		case isImportPath(line):
			compiled++
		default:
			kept = append(kept, line)
			if len(kept) > 20 {
				kept = kept[1:]
			}
		}
		if time.Since(said) >= sayEvery {
			said = time.Now()
			progress(fmt.Sprintf("  %d s: %d modules downloaded, %d packages compiled",
				int(time.Since(began).Seconds()), downloaded, compiled))
		}
	}
	return kept
}

func isImportPath(line string) bool { return line != "" && !strings.ContainsAny(line, " \t:") }
