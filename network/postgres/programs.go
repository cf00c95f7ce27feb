// Package postgres brings the database server: it finds PostgreSQL's programs
// on the machine or fetches them, makes a cluster with them, and says how the
// server is run. The server listens on 127.0.0.1 and nowhere else, and asks
// everybody for a password.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// OldestMajor is the oldest version of PostgreSQL that the schema works with.
const OldestMajor = 15

// Programs are a version's server programs.
type Programs struct {
	Directory string // holds postgres and initdb
	Libraries string // their shared libraries, if they need help to find them
	Major     int
}

// Postgres is the server program.
func (p Programs) Postgres() string { return filepath.Join(p.Directory, "postgres") }

// environment is all that the programs are given.
func (p Programs) environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC", "PATH=" + p.Directory}
	if p.Libraries != "" {
		name := "LD_LIBRARY_PATH"
		if runtime.GOOS == "darwin" {
			name = "DYLD_LIBRARY_PATH"
		}
		env = append(env, name+"="+p.Libraries)
	}
	return env
}

// places are where packages for the usual systems put the programs, beside
// what PATH and pg_config say.
var places = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // PostgreSQL's own packages for Red Hat and others
	"/usr/local/pgsql/bin",      // built from source
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// Discover returns the newest complete set of server programs on the machine.
// If wantMajor is not zero, only that version will do. ok is false if there is
// none that is new enough; what is there instead is then in the error's text.
func Discover(ctx context.Context, wantMajor int) (found Programs, err error) {
	var tooOld []string
	for _, dir := range candidates(ctx) {
		major, err := majorVersion(ctx, Programs{Directory: dir})
		if err != nil {
			continue // a broken or incomplete installation: perhaps another is whole
		}
		switch {
		case major < OldestMajor:
			tooOld = append(tooOld, fmt.Sprintf("%d in %s", major, dir))
		case wantMajor != 0 && major != wantMajor:
		case major > found.Major:
			found = Programs{Directory: dir, Major: major}
		}
	}
	if found.Major > 0 {
		return found, nil
	}
	if len(tooOld) > 0 {
		return Programs{}, fmt.Errorf("%w: only version %s, and %d or later is needed", ErrNotFound, strings.Join(tooOld, ", "), OldestMajor)
	}
	return Programs{}, ErrNotFound
}

// ErrNotFound says that the machine has no suitable server programs.
var ErrNotFound = errors.New("no PostgreSQL server programs found on this machine")

func candidates(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if output, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(output)))
	}
	for _, place := range places {
		matches, err := filepath.Glob(place)
		if err != nil {
			continue // only a malformed pattern
		}
		dirs = append(dirs, matches...)
	}
	var complete []string
	for _, dir := range dirs {
		if executable(filepath.Join(dir, "postgres")) && executable(filepath.Join(dir, "initdb")) {
			complete = append(complete, dir)
		}
	}
	return complete
}

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// versionPattern finds the major version in "postgres (PostgreSQL) 15.18 (Debian ...)".
var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func majorVersion(ctx context.Context, p Programs) (int, error) {
	command := exec.CommandContext(ctx, p.Postgres(), "--version")
	command.Env = p.environment()
	output, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("%s --version: %w", p.Postgres(), err)
	}
	return parseVersion(string(output))
}

func parseVersion(output string) (int, error) {
	match := versionPattern.FindStringSubmatch(output)
	if match == nil {
		return 0, fmt.Errorf("%q names no version", strings.TrimSpace(output))
	}
	return strconv.Atoi(match[1])
}
