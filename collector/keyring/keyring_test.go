package keyring_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/collector/keyring"
)

func open(t *testing.T, dir string) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeysStayWhatTheyWere(t *testing.T) {
	dir := t.TempDir()
	first, second := open(t, dir), open(t, dir)
	if first.TicketKey("main", "1", "2", "2026-01-01", 3) != second.TicketKey("main", "1", "2", "2026-01-01", 3) {
		t.Error("the same till number has another ticket key after opening again")
	}
	if first.TicketKey("main", "1", "2", "2026-01-01", 3) == first.TicketKey("main", "12", "", "2026-01-01", 3) {
		t.Error("fields that run together give the same ticket key")
	}
	a, errA := first.Member("4711")
	b, errB := second.Member("4711")
	if errA != nil || errB != nil || a != b {
		t.Errorf("a member's pseudonym changed: %v, %v", errA, errB)
	}
	p, errP := first.Period(24322)
	q, errQ := second.Period(24322)
	if errP != nil || errQ != nil || p != q || p.Trade == p.Person {
		t.Errorf("a period's keys changed, or are one: %v, %v", errP, errQ)
	}
	byID, err := second.MemberByKeyID(a.KeyID)
	if err != nil || byID != a {
		t.Errorf("by key id: %v", err)
	}
}

func TestCollectorsAgreeOnANewMember(t *testing.T) {
	dir := t.TempDir()
	members := make([]keyring.Member, 16)
	var group sync.WaitGroup
	for i := range members {
		k := open(t, dir)
		group.Go(func() {
			member, err := k.Member("same")
			if err != nil {
				t.Error(err)
			}
			members[i] = member
		})
	}
	group.Wait()
	for _, member := range members {
		if member != members[0] {
			t.Fatal("two collectors gave one member two pseudonyms")
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "member-keys", "*", "*"))
	if len(files) != 1 {
		t.Errorf("%d keys for one member", len(files))
	}
}

func TestNoFileTellsTheMember(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, dir).Member("canary-4711"); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(path+string(content), "4711") {
			t.Errorf("%s tells the loyalty id", path)
		}
		if info, _ := entry.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestADestroyedKeyIsForgotten(t *testing.T) {
	dir := t.TempDir()
	member, err := open(t, dir).Member("4711")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "member-keys", member.KeyID[:2], member.KeyID)); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).MemberByKeyID(member.KeyID); !errors.Is(err, keyring.ErrForgotten) {
		t.Errorf("got %v, want ErrForgotten", err)
	}
}

func TestADamagedKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "ticket.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Open(dir); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("got %v, want a word on what to do", err)
	}
}
