package membercode_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	code "github.com/tillproof/tillproof/domain/membercode"
	"github.com/tillproof/tillproof/query-server/membercode"
)

func TestNewCodeOpensWithTheFilesKey(t *testing.T) {
	folder, now := t.TempDir(), time.Unix(1_800_000_000, 0)
	maker, err := membercode.NewMaker(folder, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	again, err := membercode.NewMaker(folder, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, code.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*membercode.Maker{maker, again} {
		made, err := m.New("DH-1")
		if err != nil {
			t.Fatal(err)
		}
		if member, err := code.Open(code.Key(content), made.Text, made.ExpiresAt.Add(-time.Second)); err != nil || member != "DH-1" {
			t.Errorf("the code opens as %q, %v", member, err)
		}
		if made.ExpiresAt.Sub(now) != membercode.Lifetime {
			t.Errorf("it expires at %v", made.ExpiresAt)
		}
		if !strings.HasPrefix(made.QR, "data:image/svg+xml;base64,") {
			t.Errorf("the picture is %.40s", made.QR)
		}
	}
}

func TestDamagedKeyIsNamed(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, code.KeyFile), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := membercode.NewMaker(folder, time.Now); err == nil || !strings.Contains(err.Error(), "restore it from its backup") {
		t.Errorf("got %v", err)
	}
}
