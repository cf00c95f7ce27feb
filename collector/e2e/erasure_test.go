package e2e_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/material"
)

func TestErasureEmptiesThePersonPartOnBothPeersAndKeepsTheRest(t *testing.T) {
	retail, brands := connect(t, material.Collector, material.Retail), connect(t, material.BrandsAuditor, material.Brands)
	body := func(trade, person string) string {
		return string(fmt.Appendf([]byte{sealed.Version, 0, 0, 0, 1, 0, 0, 0, byte(len(trade))}, "%s%s", trade, person))
	}
	erased, kept := newTicket(t, newAccount(), 500), newTicket(t, newAccount(), 500)
	erased.Sealed, kept.Sealed = []byte(body("trade one", "person one")), []byte(body("trade two", "person two"))
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
			of   ledger.Submission
			want string
		}{{erased, body("trade one", "")}, {kept, body("trade two", "person two")}} {
			if got := peer.body(t, test.of.Key, test.want); got != test.want {
				t.Errorf("%s: body %q, want %q", name, got, test.want)
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
