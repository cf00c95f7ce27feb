package contract

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// privateStub is a stub that knows private data only.
type privateStub struct {
	shim.ChaincodeStubInterface
	private map[string][]byte
}

func (s privateStub) GetPrivateData(_, key string) ([]byte, error) { return s.private[key], nil }

// body has the form of a sealed body.
func body(trade, person string) []byte {
	return fmt.Appendf([]byte{sealed.Version, 0, 0, 0, 1, 0, 0, 0, byte(len(trade))}, "%s%s", trade, person)
}

func TestErasureEmptiesPersonPartsAndNothingElse(t *testing.T) {
	m := newMemory()
	var batch []ledger.Submission
	for number := range 3 {
		s := (&slip{number: number + 1, cents: 100}).submission(t)
		s.Sealed = body(fmt.Sprint("trade ", s.Key), fmt.Sprint("person ", s.Key))
		batch = append(batch, s)
	}
	m.record(t, batch...)
	record, err := ledger.DecodeRecord(m.state[ledger.RecordKey(batch[0].Key)])
	if err != nil {
		t.Fatal(err)
	}
	stub := privateStub{private: m.private}
	erase := func(slots ...byte) error {
		tx := m.begin()
		_, changed, err := rewrite(tx, stub, ledger.RewriteRequest{TransactionID: record.TransactionID.String(), Chunk: record.Chunk}, slots)
		if err == nil && changed {
			m.commit(tx)
		}
		return err
	}
	for range 2 { // the second time nothing is left to do
		if err := erase(record.Slot); err != nil {
			t.Fatal(err)
		}
		if len(m.private) != 1 {
			t.Fatalf("%d chunks, want the rewritten one alone", len(m.private))
		}
	}
	slots, key, err := readChunk(m.begin(), stub, record.TransactionID, record.Chunk)
	if err != nil || key != ledger.RewrittenChunkKey(record.TransactionID.String(), record.Chunk, 1) {
		t.Fatalf("chunk %s: %v", key, err)
	}
	for _, s := range batch {
		want := s.Sealed
		if s.Key == batch[0].Key {
			want = body(fmt.Sprint("trade ", s.Key), "")
		}
		for _, slot := range slots {
			if slot.Key == s.Key && !bytes.Equal(slot.Sealed, want) {
				t.Errorf("ticket %s: body %q, want %q", s.Key, slot.Sealed, want)
			}
		}
	}
	if err := erase(3); err == nil {
		t.Error("a slot that is not there is erased")
	}
	clear(m.private)
	if err := erase(0); err == nil {
		t.Error("a peer without the chunk rewrites it")
	}
}
