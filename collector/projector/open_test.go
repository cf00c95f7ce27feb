package projector_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

// A body that cannot be what the ledger has is left out, and said to be; the others go on: those of other lots, if it is the
// lot that cannot be opened.
func TestUnreadableBodies(t *testing.T) {
	for name, test := range map[string]struct {
		forge   func(*blocktest.Transaction)
		leftOut int
	}{
		"bytes changed":         {forgeLot(func(lot []byte) []byte { lot[40] ^= 1; return lot }), 10},
		"another version":       {forgeLot(func(lot []byte) []byte { lot[0] = 9; return lot }), 10},
		"no lot to speak of":    {forgeLot(func(lot []byte) []byte { return lot[:1] }), 10},
		"of another commitment": {forgeRecord, 1},
		"of another ticket":     {swapSlots, 2},
	} {
		t.Run(name, func(t *testing.T) {
			log := captureLog(t)
			shop, l := ledgertest.Open(t), ledgertest.New()
			l.Forge = firstOnly(test.forge)
			keys := record(t, shop, l, 10, ledgertest.Sales(20)...)
			start(t, shop.Collector, l, shop.Keys)
			projected(t, shop, l)
			left := 0
			for _, key := range keys {
				shown := shop.Text(t, "select count(*) from view.tickets where ticket_key = $1", key[:])
				if shown == "1" {
					continue
				}
				left++
				want(t, shop, "accepted", "select state from book.tickets where ticket_key = $1", key[:])
				if !strings.Contains(log.String(), key.String()) {
					t.Errorf("the log does not say that ticket %s is left out", key)
				}
			}
			if left != test.leftOut {
				t.Errorf("%d tickets are left out, want %d", left, test.leftOut)
			}
		})
	}
}

// firstOnly changes the first transaction with bodies alone.
func firstOnly(forge func(*blocktest.Transaction)) func(*blocktest.Transaction) {
	done := false
	return func(t *blocktest.Transaction) {
		if !done && len(t.Private) > 0 {
			done = true
			forge(t)
		}
	}
}

// forgeLot changes what the first bodies of a transaction have in common.
func forgeLot(change func(lot []byte) []byte) func(*blocktest.Transaction) {
	return editChunk(func(c *ledger.Chunk) { c.Lot = change(bytes.Clone(c.Lot)) })
}

// forgePerson changes the first person part of a transaction.
func forgePerson(change func(sealed []byte) []byte) func(*blocktest.Transaction) {
	return editChunk(func(c *ledger.Chunk) { c.Slots[0].Sealed = change(bytes.Clone(c.Slots[0].Sealed)) })
}

// swapSlots lets two records name each other's body.
func swapSlots(t *blocktest.Transaction) {
	for i := range t.Writes {
		if _, ok := ledger.ParseRecordKey(t.Writes[i].Key); ok {
			record, err := ledger.DecodeRecord(t.Writes[i].Value)
			if err != nil {
				panic(err)
			}
			if record.Slot < 2 {
				record.Slot = 1 - record.Slot
			}
			t.Writes[i].Value = record.Encode()
		}
	}
}

func editChunk(edit func(*ledger.Chunk)) func(*blocktest.Transaction) {
	return func(t *blocktest.Transaction) {
		if len(t.Private) == 0 {
			return
		}
		chunk, err := ledger.DecodeChunk(t.Private[0].Value)
		if err != nil {
			panic(err)
		}
		edit(&chunk)
		if t.Private[0].Value, err = ledger.EncodeChunk(chunk); err != nil {
			panic(err)
		}
	}
}

func forgeRecord(t *blocktest.Transaction) {
	for i := range t.Writes {
		if _, ok := ledger.ParseRecordKey(t.Writes[i].Key); ok {
			record, err := ledger.DecodeRecord(t.Writes[i].Value)
			if err != nil {
				panic(err)
			}
			record.Commitment[0] ^= 1
			t.Writes[i].Value = record.Encode()
			return
		}
	}
}

// With a member's key destroyed, sales and points remain, and nothing leads to the person.
func TestErasedMember(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	sales := ledgertest.Sales(10)
	for i := range sales {
		sales[i].Member = "remembered"
	}
	sales[3].Member, sales[6].Member = "forgotten", "forgotten"
	keys := record(t, shop, l, 10, sales...)
	member, err := shop.Keys.Member("forgotten")
	if err != nil {
		t.Fatal(err)
	}
	remove(t, shop.KeysDir, member.KeyID)
	start(t, shop.Collector, l, shop.OpenKeys(t))
	projected(t, shop, l)

	for _, i := range []int{3, 6} {
		want(t, shop, "", "select coalesce(loyalty_id, convert_from(person, 'UTF8')) from view.tickets where ticket_key = $1", keys[i][:])
		want(t, shop, "", "select loyalty_id from view.points_entries where ticket_key = $1", keys[i][:])
	}
	want(t, shop, "10", "select count(*) from view.points_entries")
	want(t, shop, "2", "select count(*) from view.points_entries where loyalty_id is null and ticket_key is null")
	want(t, shop, "8", "select count(*) from view.tickets where loyalty_id = 'remembered'")
	want(t, shop, "remembered 8", "select string_agg(loyalty_id || ' ' || available, ',') from view.points_balances")
	want(t, shop, "10", "select sum(tickets) from view.sales_by_store_day")
	if view := wholeView(t, shop); strings.Contains(view, "forgotten") {
		t.Error("the view names the forgotten member")
	}
}

// remove destroys the files that hold a member's key.
func remove(t *testing.T, dir, keyID string) {
	t.Helper()
	byKey, err := os.Stat(filepath.Join(dir, "member-keys", keyID[:2], keyID))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && os.SameFile(info, byKey) {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A key that is lost, or cannot be read, is no reason to leave tickets out: the projector waits for it.
func TestKeysThatCannotBeHad(t *testing.T) {
	for _, folder := range []string{"periods", "member-keys"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			record(t, shop, l, 10, ledgertest.Sales(10)...)
			spoil := func(from, to string) {
				if err := os.Rename(filepath.Join(shop.KeysDir, from), filepath.Join(shop.KeysDir, to)); err != nil {
					t.Fatal(err)
				}
			}
			spoil(folder, "elsewhere")
			if folder == "member-keys" { // gone would be erased: let it be unreadable
				if err := os.WriteFile(filepath.Join(shop.KeysDir, folder), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p, _ := start(t, shop.Collector, l, shop.OpenKeys(t))
			stalled(t, p, "a sealing key is not to be had")
			want(t, shop, "0", "select count(*) from view.tickets")
			if folder == "member-keys" {
				if err := os.Remove(filepath.Join(shop.KeysDir, folder)); err != nil {
					t.Fatal(err)
				}
			}
			spoil("elsewhere", folder)
			projected(t, shop, l)
			want(t, shop, "10", "select count(*) from view.tickets")
		})
	}
}

// captureLog keeps what is logged while the test runs; the test must not be parallel.
func captureLog(t *testing.T) *lockedBuffer {
	buffer, before := new(lockedBuffer), slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(buffer, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return buffer
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
