package precheck

import (
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestPortFree(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port

	err = PortFree(port, "the retail peer", "move")
	if err == nil {
		t.Fatal("a port in use was called free")
	}
	wants := []string{fmt.Sprint(port), "the retail peer", "or move"}
	if runtime.GOOS == "linux" {
		wants = append(wants, fmt.Sprintf("(process %d)", os.Getpid()))
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}

	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := PortFree(port, "the retail peer", "move"); err != nil {
		t.Errorf("a free port was refused: %v", err)
	}
}

func TestOurDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := OurDirectory(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 0 {
		t.Errorf("the check left %v behind", entries)
	}
	if err := OurDirectory("/proc/run"); err == nil || !strings.Contains(err.Error(), "TILLPROOF_RUN") {
		t.Errorf("error = %v, want one that says what to do", err)
	}
}

func TestOurDirectoryOfAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a directory that is another's")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 4242, 4242); err != nil {
		t.Fatal(err)
	}
	if err := OurDirectory(dir); err == nil || !strings.Contains(err.Error(), "belongs to user 4242") {
		t.Errorf("error = %v, want one that names the owner", err)
	}
}

func TestSpace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	if err := Space(dir, 1, "this"); err != nil {
		t.Errorf("one byte was refused: %v", err)
	}
	if err := Space(dir, math.MaxUint64, "the first start"); err == nil || !strings.Contains(err.Error(), "the first start") {
		t.Errorf("error = %v, want one that says what needs the space", err)
	}
}

func TestNodeVersion(t *testing.T) {
	for output, ok := range map[string]bool{"v20.20.2\n": true, "v18.0.0": true, "v16.20.1": false, "nonsense": false, "": false} {
		if err := nodeVersion(output); (err == nil) != ok {
			t.Errorf("nodeVersion(%q) = %v", output, err)
		}
	}
}
