package envfile_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tillproof/tillproof/network/envfile"
)

var values = map[string]string{
	"PLAIN":  "http://127.0.0.1:8080",
	"SPACES": "a clone in a folder/with spaces",
	"URL":    "postgres://u:p%40@127.0.0.1:1/d?sslmode=disable&application_name=x",
	"QUOTES": `it's "so" $HOME \ and `,
	"EMPTY":  "",
}

func write(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "env")
	f, err := envfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range values {
		f.Set(key, value)
	}
	if err := f.Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadsWhatItWrote(t *testing.T) {
	f, err := envfile.Read(write(t))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range values {
		if got := f.Get(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

func TestAShellReadsTheSame(t *testing.T) {
	path := write(t)
	for key, want := range values {
		output, err := exec.Command("sh", "-c", `. "$1"; eval "printf %s \"\$$2\""`, "sh", path, key).Output()
		if err != nil {
			t.Fatal(err)
		}
		if string(output) != want {
			t.Errorf("a shell reads %s as %q, want %q", key, output, want)
		}
	}
}

func TestOnlyTheOwnerMayReadIt(t *testing.T) {
	info, err := os.Stat(write(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600: passwords are in it", got)
	}
}

func TestSetDefaultKeepsWhatIsThere(t *testing.T) {
	f, err := envfile.Read(write(t))
	if err != nil {
		t.Fatal(err)
	}
	f.SetDefault("PLAIN", func() string { return "another" })
	f.SetDefault("NEW", func() string { return "made" })
	if f.Get("PLAIN") != values["PLAIN"] || f.Get("NEW") != "made" {
		t.Errorf("PLAIN = %q, NEW = %q", f.Get("PLAIN"), f.Get("NEW"))
	}
}

func TestAValueIsOneLine(t *testing.T) {
	f, err := envfile.Read(filepath.Join(t.TempDir(), "env"))
	if err != nil {
		t.Fatal(err)
	}
	f.Set("KEY", "one\nOTHER=two")
	if err := f.Write(filepath.Join(t.TempDir(), "env")); err == nil {
		t.Error("a value with a line break was written: it would read back as two keys")
	}
}
