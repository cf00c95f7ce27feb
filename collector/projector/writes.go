package projector

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/block"
)

// writes are a transaction's writes by what they mean.
type writes struct {
	records   []recordWrite // in the order of ticket keys, which is that of the log
	entries   []entryWrite
	folded    []entryWrite
	heads     []headWrite
	holds     []holdWrite
	transfers []transferWrite
	chunks    map[uint8]ledger.Chunk // of sealed bodies, by number
	rules     bool                   // the programme has other rules
}

type recordWrite struct {
	key ledger.TicketKey
	ledger.Record
}

type entryWrite struct {
	account ledger.Account
	id      ledger.EntryID
	ledger.Entry
}

type headWrite struct {
	account ledger.Account
	account.Head
}

type holdWrite struct {
	id ledger.HoldID
	account.Hold
}

type transferWrite struct {
	id ledger.TransferID
	ledger.Transfer
}

// readWrites sorts the writes of our chaincode; Fabric has them in the order of their keys. Keys of other kinds, and what
// other chaincodes write in the same transaction under whatever keys, are not ours to show.
func readWrites(t *block.Transaction, chaincode string) (writes, error) {
	w := writes{chunks: make(map[uint8]ledger.Chunk)}
	for _, write := range t.Writes {
		if write.Namespace != chaincode || write.Deleted {
			continue
		}
		if err := w.addPublic(write); err != nil {
			return w, fmt.Errorf("%s: %w", write.Key, err)
		}
	}
	for _, write := range t.Private {
		if write.Namespace != chaincode || write.Collection != ledger.Bodies || write.Deleted {
			continue
		}
		id, number, recorded := ledger.ParseChunkKey(write.Key)
		if !recorded || id != t.ID {
			continue // erasure has rewritten it
		}
		chunk, err := ledger.DecodeChunk(write.Value)
		if err != nil {
			return w, fmt.Errorf("%s: %w", write.Key, err)
		}
		w.chunks[number] = chunk
	}
	return w, nil
}

func (w *writes) addPublic(write block.Write) error {
	w.rules = w.rules || write.Key == ledger.ProgrammeKey
	if key, ok := ledger.ParseRecordKey(write.Key); ok {
		record, err := ledger.DecodeRecord(write.Value)
		if err != nil {
			return err
		}
		w.records = append(w.records, recordWrite{key, record})
	}
	if account, id, place, ok := ledger.ParseEntryPlace(write.Key); ok {
		entry, err := ledger.DecodeEntry(write.Value)
		if err != nil {
			return err
		}
		if place == ledger.PlaceFolded {
			w.folded = append(w.folded, entryWrite{account, id, entry})
		} else {
			w.entries = append(w.entries, entryWrite{account, id, entry})
		}
	}
	return w.addSpending(write)
}

// addSpending adds what spending writes.
func (w *writes) addSpending(write block.Write) error {
	if account, ok := ledger.ParseHeadKey(write.Key); ok {
		head, err := ledger.DecodeHead(write.Value)
		if err != nil {
			return err
		}
		w.heads = append(w.heads, headWrite{account, head})
	}
	if id, ok := ledger.ParseHoldKey(write.Key); ok {
		hold, err := ledger.DecodeHold(write.Value)
		if err != nil {
			return err
		}
		w.holds = append(w.holds, holdWrite{id, hold})
	}
	if id, ok := ledger.ParseTransferKey(write.Key); ok {
		transfer, err := ledger.DecodeTransfer(write.Value)
		if err != nil {
			return err
		}
		w.transfers = append(w.transfers, transferWrite{id, transfer})
	}
	return nil
}
