package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tillproof/tillproof/network/durable"
)

func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	for _, content := range []string{"a long first version", "short"} {
		if err := durable.WriteFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("content is %q, %v; want %q", got, err, content)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o, want 600", info.Mode().Perm())
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	if err := durable.WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".new", 0o700); err != nil { // in the way
		t.Fatal(err)
	}
	if err := durable.WriteFile(path, []byte("new")); err == nil {
		t.Fatal("a write that could not be made was reported as made")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("content is %q, %v; want the old one", got, err)
	}
}

func TestFoldersDoNotGetInEachOthersWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "crypto")
	abandoned, err := durable.Folder(path)
	if err != nil {
		t.Fatal(err)
	}
	unfinished, err := durable.Folder(path)
	if err != nil {
		t.Fatal(err)
	}
	if abandoned == unfinished {
		t.Fatal("both are the same folder")
	}
	if _, err := os.Stat(abandoned); err == nil {
		t.Error("the abandoned folder is still there")
	}
	if err := durable.Move(unfinished, path); err != nil {
		t.Fatal(err)
	}
}

func TestMoveTakesAFolderWithLinksAndAll(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "programs.new"), filepath.Join(dir, "programs")
	if err := os.MkdirAll(filepath.Join(from, "lib"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "lib", "libpq.so.5"), []byte("code"), 0o600); err != nil {
		t.Fatal(err)
	}
	// One link leads to a file, one to nothing: neither may stop the move.
	for name, target := range map[string]string{"libpq.so": "libpq.so.5", "dangling": "gone"} {
		if err := os.Symlink(target, filepath.Join(from, "lib", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := durable.Move(from, to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(to, "lib", "libpq.so")); err != nil || string(got) != "code" {
		t.Errorf("content is %q, %v", got, err)
	}
}
