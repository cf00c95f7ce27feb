package keyring_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tillproof/tillproof/collector/keyring"
)

// Two collectors share the folder, and both have the member in memory. One forgets.
func TestAForgottenMemberIsForgottenByEveryCollector(t *testing.T) {
	dir := t.TempDir()
	one, other := open(t, dir), open(t, dir)
	member, err := one.Member("4711")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*keyring.Keyring{one, other} {
		if _, err := k.Member("4711"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.MemberByKeyID(member.KeyID); err != nil {
			t.Fatal(err)
		}
	}
	killed := filepath.Join(dir, "members", one.Index("4711")[:2], ".new-1")
	if err := os.Link(filepath.Join(dir, "member-keys", member.KeyID[:2], member.KeyID), killed); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as after a crash
		if err := one.Forget("4711", member.KeyID); err != nil {
			t.Fatal(err)
		}
	}
	for name, k := range map[string]*keyring.Keyring{"the same": one, "another": other, "a new one": open(t, dir)} {
		if _, err := k.Member("4711"); !errors.Is(err, keyring.ErrBarred) {
			t.Errorf("%s: %v, want ErrBarred", name, err)
		}
		if _, err := k.Find("4711"); !errors.Is(err, keyring.ErrBarred) {
			t.Errorf("%s: find: %v, want ErrBarred", name, err)
		}
		if _, err := k.MemberByKeyID(member.KeyID); !errors.Is(err, keyring.ErrForgotten) {
			t.Errorf("%s: %v, want ErrForgotten", name, err)
		}
	}
	if file := holding(t, dir, member.Account[:], member.Key[:]); file != "" {
		t.Errorf("%s still has the pseudonym or the key", file)
	}
	for range 2 {
		if err := other.Readmit(other.Index("4711")); err != nil {
			t.Fatal(err)
		}
	}
	again, err := one.Member("4711")
	if err != nil || again.Account == member.Account || again.KeyID == member.KeyID || again.Key == member.Key {
		t.Errorf("who comes again got the old pseudonym or key: %v", err)
	}
	if err := other.Readmit(other.Index("4711")); err != nil {
		t.Fatal(err)
	}
	if found, err := other.Find("4711"); err != nil || found != again {
		t.Errorf("to lift no bar took the new member away: %v", err)
	}
}

func TestAMemberWithoutAKeyIsBarredToo(t *testing.T) {
	k := open(t, t.TempDir())
	if _, err := k.Find("4711"); !errors.Is(err, keyring.ErrUnknown) {
		t.Errorf("%v, want ErrUnknown", err)
	}
	for range 2 {
		if err := k.Forget("4711", ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.Member("4711"); !errors.Is(err, keyring.ErrBarred) {
		t.Errorf("%v, want ErrBarred", err)
	}
	if _, err := k.Member("4712"); err != nil {
		t.Fatal(err)
	}
	if err := k.Forget("4712", ""); err == nil {
		t.Error("a key that was made meanwhile was barred without being destroyed")
	}
}

// holding gives a file with one of the secrets in it, "" if there is none.
func holding(t *testing.T, dir string, secrets ...[]byte) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(content, secret) {
				found = path
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
