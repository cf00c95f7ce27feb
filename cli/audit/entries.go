package audit

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/network/block"
)

// compareEntries holds each published entry and hash against the ledger, and names what differs.
func (a *Auditor) compareEntries(ctx context.Context) error {
	size := min(a.report.Signed.Size, int64(len(a.recorded)))
	places := make(map[string]int, len(a.recorded))
	for i, recorded := range a.recorded {
		places[string(a.entry(recorded))] = i
	}
	for first := int64(0); first < size; first += tiles.Width {
		width := int(min(size-first, tiles.Width))
		hashes, err := a.Log.Hashes(ctx, first/tiles.Width, width)
		if err != nil {
			return err
		}
		entries, err := a.Log.Entries(ctx, first/tiles.Width, width)
		if err != nil {
			return err
		}
		if hashes == nil {
			a.report.find("the hashes of entries %d to %d are missing from the log", first, first+int64(width)-1)
		}
		if entries == nil {
			a.report.find("entries %d to %d are missing from the log, or some of them", first, first+int64(width)-1)
		}
		for i := range width {
			a.compareEntry(int(first)+i, at(hashes, i), at(entries, i), places)
		}
	}
	return nil
}

// at gives the i-th of a list that may not be there.
func at[T any](list []T, i int) *T {
	if i >= len(list) {
		return nil
	}
	return &list[i]
}

func (a *Auditor) compareEntry(index int, hash *tlog.Hash, entry *[]byte, places map[string]int) {
	want := a.recorded[index]
	if entry != nil && !bytes.Equal(*entry, a.entry(want)) {
		a.report.find("entry %d: the ledger has ticket key %s with commitment %x; the log has %s", index, want.Key, want.Commitment,
			a.describe(*entry, want, places))
	}
	if hash != nil && *hash != tlog.RecordHash(a.entry(want)) {
		a.report.find("entry %d: its hash in the log is not that of the ledger's entry", index)
	}
}

// describe says what stands in the place of an entry.
func (a *Auditor) describe(entry []byte, want block.Recorded, places map[string]int) string {
	if place, known := places[string(entry)]; known {
		return fmt.Sprintf("entry %d in its place", place)
	}
	const tail = 64 // ticket key and commitment
	if head := len(entry) - tail; head > 0 {
		key, commitment := ledger.TicketKey(entry[head:]), entry[head+32:]
		if key == want.Key {
			return fmt.Sprintf("another commitment for it, %x", commitment)
		}
		return fmt.Sprintf("ticket key %s, which the ledger does not know so", key)
	}
	return "something that is no entry"
}
