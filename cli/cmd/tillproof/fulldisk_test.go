//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// onSmallDisk runs tillproof on a folder that is a disk of 128 kB, which this process alone sees, and gives the folder as it
// is seen from here.
func onSmallDisk(t *testing.T, url, logPath string) (folder string) {
	t.Helper()
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() // the process has its own
	inside := t.TempDir()
	watch := exec.Command("sh", "-c", `mount -t tmpfs -o size=128k none "$1" && exec "$0" upload --watch --settle 40ms --retry-for 200ms "$1"`, os.Args[0], inside)
	watch.Env = append(os.Environ(), asProgram+"=1", "TILLPROOF_TOKEN=secret", "TILLPROOF_COLLECTOR_URL="+url)
	watch.Stderr = log
	watch.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if err := watch.Start(); err != nil {
		t.Skipf("no namespace of its own is to be had here: %v", err)
	}
	t.Cleanup(func() {
		if err := watch.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := watch.Wait(); err != nil {
			t.Errorf("stopped, the watch ends with %v", err)
		}
	})
	waitFor(t, func() bool { return strings.Contains(read(logPath), "watching") })
	return fmt.Sprintf("/proc/%d/root%s", watch.Process.Pid, inside)
}

// The disk is full: what is sent stays where it was, that is told, and it goes on when there is room.
func TestTheDiskIsFull(t *testing.T) {
	books := &books{accepted: map[string]int{}, dice: rand.New(rand.NewPCG(1, 1)), reliable: true}
	server := httptest.NewServer(books)
	defer server.Close()
	log := filepath.Join(t.TempDir(), "log")
	folder := onSmallDisk(t, server.URL, log)
	if err := os.WriteFile(filepath.Join(folder, ".sales"), []byte(`{"id":"good-1"}`+"\n"+`{"id":"bad-1"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(folder, ".filler")
	if err := os.WriteFile(filler, make([]byte, 256<<10), 0o600); err == nil {
		t.Fatal("the disk is not as small as it was to be")
	}
	if err := os.Rename(filepath.Join(folder, ".sales"), filepath.Join(folder, "sales.ndjson")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return strings.Contains(read(log), "no space left on device; left where it is") })
	if countMatches(t, folder, "sales.ndjson") != 1 || countMatches(t, folder, "refused", "*") != 0 {
		t.Errorf("the file is not where it was:\n%s", read(log))
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return countMatches(t, folder, "done", "*", "sales.ndjson") == 1 })
	if countMatches(t, folder, "refused", "sales.*.rejected") != 1 {
		t.Errorf("the refused ticket was not kept:\n%s", read(log))
	}
	checkBooks(t, books, []string{"good-1"})
}
