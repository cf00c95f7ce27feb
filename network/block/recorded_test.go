package block_test

import (
	"slices"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

func TestRecordedTickets(t *testing.T) {
	write := func(namespace string, n byte) block.Write {
		record := ledger.Record{Commitment: [32]byte{n}}
		return block.Write{Namespace: namespace, Key: ledger.RecordKey(ledger.TicketKey{n}), Value: record.Encode()}
	}
	deleted := write("tickets", 9)
	deleted.Deleted, deleted.Value = true, nil
	built := blocktest.Build(7,
		blocktest.Transaction{ID: "a", Writes: []block.Write{write("other", 8), write("tickets", 3), write("tickets", 5),
			{Namespace: "tickets", Key: "p", Value: []byte("x")}, deleted}},
		blocktest.Transaction{ID: "b", Writes: []block.Write{write("tickets", 6)}, Code: peer.TxValidationCode_MVCC_READ_CONFLICT},
		blocktest.Transaction{ID: "c", Writes: []block.Write{write("tickets", 1)}},
		blocktest.Transaction{ID: "a", Writes: []block.Write{write("tickets", 3)}, Code: peer.TxValidationCode_DUPLICATE_TXID},
	)
	got, err := block.ReadRecorded(built.GetBlock(), "tickets")
	want := []block.Recorded{{Key: ledger.TicketKey{3}, Commitment: [32]byte{3}}, {Key: ledger.TicketKey{5}, Commitment: [32]byte{5}},
		{Key: ledger.TicketKey{1}, Commitment: [32]byte{1}}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	bad := write("tickets", 2)
	bad.Value = bad.Value[:70]
	if _, err := block.ReadRecorded(blocktest.Build(7, blocktest.Transaction{ID: "a", Writes: []block.Write{bad}}).GetBlock(), "tickets"); err == nil {
		t.Error("a record that is cut short was passed over")
	}
}
