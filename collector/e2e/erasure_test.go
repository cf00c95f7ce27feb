package e2e_test

import (
	"encoding/base64"
	"encoding/binary"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/material"
)

func TestErasureEmptiesThePersonPartOnBothPeersAndKeepsTheRest(t *testing.T) {
	retail, brands := connect(t, material.Collector, material.Retail), connect(t, material.BrandsAuditor, material.Brands)
	header := binary.BigEndian.AppendUint32([]byte{sealed.Version}, uint32(retail.period(t)))
	body := func(trade, person string) string {
		return string(header) + string([]byte{0, 0, 0, byte(len(trade))}) + trade + person
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

// period sees to it that the collector has a key of this month: for want of one it would wait, where a body that does not
// open it passes over.
func (c channel) period(t *testing.T) sealed.Period {
	t.Helper()
	keys, err := keyring.Open(c.keys)
	if err != nil {
		t.Fatal(err)
	}
	period := sealed.PeriodOf(time.Now())
	if _, err := keys.Period(period); err != nil {
		t.Fatal(err)
	}
	return period
}
