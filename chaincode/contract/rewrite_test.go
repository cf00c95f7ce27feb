package contract

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/tillproof/tillproof/domain/ledger"
)

// privateStub is a stub that knows private data only.
type privateStub struct {
	shim.ChaincodeStubInterface
	private map[string][]byte
}

func (s privateStub) GetPrivateData(_, key string) ([]byte, error) { return s.private[key], nil }

func TestErasureEmptiesPersonPartsAndNothingElse(t *testing.T) {
	m := newMemory()
	var batch []ledger.Submission
	for number := range 3 {
		batch = append(batch, (&slip{number: number + 1, cents: 100}).submission(t))
	}
	m.record(t, batch...)
	record, err := ledger.DecodeRecord(m.state[ledger.RecordKey(batch[0].Key)])
	if err != nil {
		t.Fatal(err)
	}
	chunk := m.erased(t, record, record.Slot)
	if string(chunk.Lot) != "lot 0" {
		t.Errorf("the trade parts are now %q", chunk.Lot)
	}
	for _, s := range batch {
		of, err := ledger.DecodeRecord(m.state[ledger.RecordKey(s.Key)])
		if err != nil {
			t.Fatal(err)
		}
		want := string(s.Sealed)
		if s.Key == batch[0].Key {
			want = ""
		}
		if got := chunk.Slots[of.Slot].Sealed; string(got) != want {
			t.Errorf("ticket %s: person part %q, want %q", s.Key, got, want)
		}
	}
}

// Ledgers of before have bodies that stand alone.
func TestErasureEmptiesBodiesThatStandAlone(t *testing.T) {
	m := newMemory()
	body := func(trade, person string) []byte {
		return fmt.Appendf([]byte{1, 0, 0, 0, 1, 0, 0, 0, byte(len(trade))}, "%s%s", trade, person)
	}
	record := ledger.Record{TransactionID: ledger.TransactionID{9}, Slot: 1}
	value, err := ledger.EncodeChunk(ledger.Chunk{Slots: []ledger.Slot{{Key: ledger.TicketKey{1}, Sealed: body("a", "b")}, {Key: ledger.TicketKey{2}, Sealed: body("c", "d")}}})
	if err != nil {
		t.Fatal(err)
	}
	m.private[ledger.ChunkKey(record.TransactionID.String(), 0)] = value
	chunk := m.erased(t, record, 1)
	if kept, emptied := chunk.Slots[0], chunk.Slots[1]; !bytes.Equal(kept.Sealed, body("a", "b")) || !bytes.Equal(emptied.Sealed, body("c", "")) {
		t.Errorf("the bodies are now %q and %q", kept.Sealed, emptied.Sealed)
	}
}

// erased empties a slot of a chunk, and gives the chunk as it is afterwards.
func (m *memory) erased(t *testing.T, of ledger.Record, slot byte) ledger.Chunk {
	t.Helper()
	stub := privateStub{private: m.private}
	erase := func(slots ...byte) error {
		tx := m.begin()
		_, changed, err := rewrite(tx, stub, ledger.RewriteRequest{TransactionID: of.TransactionID.String(), Chunk: of.Chunk}, slots)
		if err == nil && changed {
			m.commit(tx)
		}
		return err
	}
	for range 2 { // the second time nothing is left to do
		if err := erase(slot); err != nil {
			t.Fatal(err)
		}
		if len(m.private) != 1 {
			t.Fatalf("%d chunks, want the rewritten one alone", len(m.private))
		}
	}
	chunk, key, err := readChunk(m.begin(), stub, of.TransactionID, of.Chunk)
	if err != nil || key != ledger.RewrittenChunkKey(of.TransactionID.String(), of.Chunk, 1) {
		t.Fatalf("chunk %s: %v", key, err)
	}
	if err := erase(3); err == nil {
		t.Error("a slot that is not there is erased")
	}
	clear(m.private)
	if err := erase(0); err == nil {
		t.Error("a peer without the chunk rewrites it")
	}
	return chunk
}
