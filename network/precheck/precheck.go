// Package precheck finds out, before anything is begun, what would make it
// fail halfway. Each of its errors is one sentence that says what to do.
package precheck

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// OurDirectory makes the directory if need be and checks that we can write
// there and that nobody else does.
func OurDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the folder %s (%w): make its parent writable, or set TILLPROOF_RUN to a folder that is", dir, plain(err))
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		owner := nameOf(stat.Uid)
		return fmt.Errorf("the folder %s belongs to user %s: run this as %s, or use a clone of your own", dir, owner, owner)
	}
	probe, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return fmt.Errorf("cannot write to the folder %s (%w): make it writable, or set TILLPROOF_RUN to a folder that is", dir, plain(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// plain is the reason without the file name, which the sentence has already.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func nameOf(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// Space checks that the disk that dir is, or would be, on has so many bytes
// free for us.
func Space(dir string, bytes uint64, what string) error {
	existing := dir
	for {
		if _, err := os.Stat(existing); err == nil || existing == filepath.Dir(existing) {
			break
		}
		existing = filepath.Dir(existing)
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(existing, &stat); err != nil {
		return fmt.Errorf("ask how much space %s has: %w", existing, err)
	}
	if free := uint64(stat.Bavail) * uint64(stat.Bsize); free < bytes {
		return fmt.Errorf("the disk of %s has %s free, and %s needs %s: free some space", dir, inMegabytes(free), what, inMegabytes(bytes))
	}
	return nil
}

func inMegabytes(bytes uint64) string { return fmt.Sprintf("%d MB", bytes>>20) }

// PortFree checks that nobody listens on the port of 127.0.0.1. The remedy is
// what can be done other than stopping whoever does.
func PortFree(port int, whose, remedy string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err == nil {
		return listener.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		by := ""
		if holder := portHolder(port); holder != "" {
			by = " by " + holder
		}
		return fmt.Errorf("port %d, which %s needs, is in use%s: stop that program, or %s", port, whose, by, remedy)
	}
	return fmt.Errorf("cannot listen on port %d for %s (%w): %s", port, whose, err, remedy)
}

// OldestNode is the oldest major version of Node.js that npm packages here
// work with.
const OldestNode = 18

// Node checks for Node.js and npm.
func Node(why string) error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not installed (%s): install Node.js %d or later (https://nodejs.org)", program, why, OldestNode)
		}
	}
	output, err := exec.Command("node", "--version").Output()
	if err != nil {
		return fmt.Errorf("node --version fails (%w): install Node.js %d or later (https://nodejs.org)", err, OldestNode)
	}
	return nodeVersion(string(output))
}

var nodePattern = regexp.MustCompile(`^v(\d+)\.`)

func nodeVersion(output string) error {
	output = strings.TrimSpace(output)
	match := nodePattern.FindStringSubmatch(output)
	if match == nil {
		return fmt.Errorf("node --version says %q, which is no version: install Node.js %d or later (https://nodejs.org)", output, OldestNode)
	}
	if major, err := strconv.Atoi(match[1]); err != nil || major < OldestNode {
		return fmt.Errorf("the version of Node.js is %s, which is too old: install version %d or later (https://nodejs.org)", output, OldestNode)
	}
	return nil
}
