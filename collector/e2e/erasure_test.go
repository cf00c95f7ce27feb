package e2e_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/material"
)

func TestErasureEmptiesThePersonPartOnBothPeersAndKeepsTheRest(t *testing.T) {
	retail, brands := connect(t, material.Collector, material.Retail), connect(t, material.BrandsAuditor, material.Brands)
	erased, kept := newTicket(t, newAccount(), 500), newTicket(t, newAccount(), 500)
	erased.Sealed, kept.Sealed = []byte("person one"), []byte("person two")
	if _, err := retail.until(t.Context(), "RecordTickets", "", batchOf(t, erased, kept)); err != nil {
		t.Fatal(err)
	}
	record := evaluate[struct {
		TransactionID string
		Chunk, Slot   uint8
	}](t, retail, "ReadRecord", erased.Key.String())
	request, err := ledger.EncodeCall(ledger.RewriteRequest{TransactionID: record.TransactionID, Chunk: record.Chunk})
	if err != nil {
		t.Fatal(err)
	}
	slots := map[string][]byte{ledger.TransientSlots: {record.Slot}}
	for range 2 { // the second time there is nothing left to empty
		if _, err := retail.until(t.Context(), "RewriteChunk", request, slots); err != nil {
			t.Fatal(err)
		}
	}
	for name, peer := range map[string]channel{"RetailMSP": retail, "BrandsMSP": brands} {
		for _, test := range []struct {
			of     ledger.Submission
			slot   uint8
			person string
		}{{erased, record.Slot, ""}, {kept, 1 - record.Slot, "person two"}} {
			want := string(sealed.Compose(nobodys, int(test.slot), []byte(test.person)))
			if got := peer.body(t, test.of.Key, want); got != want {
				t.Errorf("%s: body %q, want %q", name, got, want)
			}
		}
	}
}

// body reads a ticket's body from the peer, which gets private data a moment after the block.
func (c channel) body(t *testing.T, key ledger.TicketKey, want string) (got string) {
	t.Helper()
	for range 50 {
		if text, err := c.EvaluateTransaction("ReadBody", key.String()); err == nil {
			decoded, err := base64.StdEncoding.DecodeString(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if got = string(decoded); got == want {
				return got
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return got
}
