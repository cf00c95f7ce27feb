package projector

import (
	"os"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// Ledgers of before have chunks of bodies that stand alone.
func TestBodiesThatStandAloneAreFound(t *testing.T) {
	body, err := os.ReadFile("../../domain/sealed/testdata/body-v1.golden")
	if err != nil {
		t.Fatal(err)
	}
	value, err := ledger.EncodeChunk(ledger.Chunk{Slots: []ledger.Slot{{}, {Key: ledger.TicketKey{1}, Sealed: body}}})
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := ledger.DecodeChunk(value)
	if err != nil {
		t.Fatal(err)
	}
	found := new(Projector).openChunk(chunk).body(1)
	if found.err != nil || found.remembered {
		t.Fatalf("found %+v", found)
	}
	trade, err := found.sealed.OpenTrade(ledger.TicketKey{1}, sealed.Key{2})
	if err != nil || trade.Ticket.SequenceNumber != 7 {
		t.Errorf("it opens to %+v, %v", trade, err)
	}
}
