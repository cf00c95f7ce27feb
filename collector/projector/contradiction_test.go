package projector_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

// contradicted waits until the projector says in readiness and metrics that somebody has to look, and what to do.
func contradicted(t *testing.T, p *projector.Projector, remedy string) {
	t.Helper()
	ledgertest.Eventually(t, "a contradiction", func() bool {
		var c *projector.Contradiction
		return errors.As(p.Ready(t.Context()), &c) && strings.Contains(c.Reason(), remedy) && !strings.Contains(c.Reason(), "SQLSTATE")
	})
	if got := testutil.ToFloat64(p.Metrics()[0]); got != 1 {
		t.Errorf("the metric says %v", got)
	}
}

// Were the endorsement policy changed, one organisation could have a recorded ticket written over. The view keeps what it had.
func TestRecordWrittenOver(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := record(t, shop, l, 5, ledgertest.Sales(5)...)
	p, _ := start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	before := wholeView(t, shop)
	l.Forge = func(t *blocktest.Transaction) {
		for i := range t.Writes {
			if _, isRecord := ledger.ParseRecordKey(t.Writes[i].Key); isRecord {
				t.Writes[i].Key = ledger.RecordKey(keys[0])
				return
			}
		}
	}
	record(t, shop, l, 1, ledgertest.Sales(1)...)
	contradicted(t, p, "tillproof audit")
	if after := wholeView(t, shop); after != before {
		t.Errorf("the view changed:\n%s\nwas\n%s", after, before)
	}
}

// Who changed the database is found out at the next block, and the remedy helps.
func TestViewWasChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, remedy string }{
		"a row too many": {`insert into view.log_entries (log_index, ticket_key, commitment, block) values (5, '\x00', '\x00', 2)`, "rebuild"},
		"another log":    {`update view.log_tiles set hashes = sha256('x') || substr(hashes, 33) where level = 0`, "rebuild"},
		"signature":      {`update view.log_checkpoint set signed = replace(signed, 'tillproof/tickets', 'another/log')`, "operator.key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			record(t, shop, l, 5, ledgertest.Sales(5)...)
			_, stop := start(t, shop.Collector, l, shop.Keys)
			projected(t, shop, l)
			stop()
			shop.Exec(t, c.change)
			record(t, shop, l, 5, ledgertest.Sales(5)...)
			p, stop := start(t, shop.Collector, l, shop.Keys)
			contradicted(t, p, c.remedy)
			want(t, shop, "5", "select count(*) from view.tickets")
			stop()
			clearView(t, shop, l)
			p, _ = start(t, shop.Collector, l, shop.Keys)
			projected(t, shop, l)
			want(t, shop, "10", "select count(*) from view.tickets")
			if got := testutil.ToFloat64(p.Metrics()[0]); got != 0 {
				t.Errorf("after the remedy the metric says %v", got)
			}
		})
	}
}

// A database that belongs to another network must not be gone on with, nor seem up to date.
func TestAnotherLedger(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	record(t, shop, l, 5, ledgertest.Sales(20)...)
	_, stop := start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	stop()
	before := wholeView(t, shop)

	another := ledgertest.New()
	p, stop := start(t, shop.Collector, another, shop.Keys)
	stalled(t, p, "the peer has not got block 4")
	stop()
	record(t, shop, another, 2, ledgertest.Sales(20)...)
	p, _ = start(t, shop.Collector, another, shop.Keys)
	contradicted(t, p, "the right network")
	if after := wholeView(t, shop); after != before {
		t.Errorf("the view changed:\n%s\nwas\n%s", after, before)
	}
}
