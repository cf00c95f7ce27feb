package proof_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/anchor/anchortest"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/proof"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/domain/tiles"
)

// A receipt of a member, with a return, a tax, a card and a text that JSON has to escape.
const sale = `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000001","transactionType":"Sale",
"storeId":"Nord 1","workstationId":"2","sequenceNumber":7,"businessDayDate":"2026-03-01",
"endDateTime":"2026-03-01T10:15:00+01:00","operatorId":"operator 9","loyaltyId":"member 4711","currencyCode":"EUR",
"lineItems":[
 {"sequenceNumber":1,"itemId":"A","description":"Käse \"alt\" \\ € 😀","quantity":"0.742","extendedAmount":1000},
 {"sequenceNumber":2,"itemId":"B","quantity":"2","extendedAmount":299,"tax":{"categoryCode":"S","rateBasisPoints":700,"taxableAmount":279,"amount":20}},
 {"sequenceNumber":4,"itemId":"A","quantity":"-1","extendedAmount":-99,"returnOf":{"transactionId":"018f3e6a-0000-7000-8000-000000000000","sequenceNumber":4}}],
"totals":{"grand":1200},"tenders":[{"tenderType":"Cash","amount":200},{"tenderType":"Card","amount":1000,"reference":"auth 55"}]}`

// withLines gives a sale of n lines as long as usual ones are.
func withLines(n int) string {
	var lines bytes.Buffer
	for i := range n {
		if i > 0 {
			lines.WriteByte(',')
		}
		fmt.Fprintf(&lines, `{"sequenceNumber":%d,"itemId":"item-%05d","gtin":"4006381333931","description":"Product number %d","quantity":"1","unitPrice":"1.99","extendedAmount":199}`, i+1, i*77, i)
	}
	return fmt.Sprintf(`{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-000000000003","transactionType":"Sale",
		"storeId":"1","workstationId":"2","sequenceNumber":9,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T07:00:00Z",
		"currencyCode":"EUR","lineItems":[%s],"totals":{"grand":%d},"tenders":[{"tenderType":"Cash","amount":%d}]}`, lines.Bytes(), n*199, n*199)
}

var (
	account   = [16]byte{1, 2, 3}
	seed      = [32]byte{9, 8, 7}
	secrets   = commitment.Derive(seed)
	ticketKey = ledger.TicketKey(sha256.Sum256([]byte("a ticket key")))
	operator  = must(checkpoint.NewOperator("example.org/tickets", [32]byte{1}))
	witness   = must(checkpoint.NewWitness("brands.example/witness", [32]byte{2}, func() time.Time { return time.Unix(1_772_000_000, 0) }))
	trust     = proof.Trust{Operator: operator.Key, Witness: witness.Key, Ethereum: &anchortest.Trust}
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func facts() commitment.Facts {
	return commitment.Facts{RetailerID: "main", Account: account,
		Reference: func(id string) [32]byte { return sha256.Sum256([]byte(id)) }}
}

// everything gives all leaves of a ticket that a bundle may show, and its tree.
func everything(t testing.TB, text string) ([]commitment.Leaf, *commitment.Tree) {
	t.Helper()
	whole := must(ticket.Decode([]byte(text)))
	tree := must(commitment.Build(whole, facts(), secrets))
	leaves := must(commitment.TradeLeaves(commitment.Trade(whole), "main", secrets.Trade))
	return append(leaves, commitment.OpenPerson(whole, secrets.Person)...), tree
}

// a log of some other entries with the one given among them.
type aLog struct {
	stored map[tiles.ID][]byte
	size   int64
	root   tlog.Hash
}

func (l *aLog) reader() tlog.HashReader {
	return tiles.Reader(func([]tiles.ID) (map[tiles.ID][]byte, error) { return l.stored, nil })
}

func newLog(t testing.TB, size, index int64, entry tlog.Hash) *aLog {
	t.Helper()
	appender := must(tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil }))
	leaves := make([]tlog.Hash, size)
	for i := range leaves {
		leaves[i] = tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	leaves[index] = entry
	l := &aLog{stored: make(map[tiles.ID][]byte), size: size}
	for _, tile := range appender.Append(leaves) {
		l.stored[tile.ID] = tile.Hashes
	}
	l.root = must(appender.Root())
	return l
}

func (l *aLog) path(index int64) tlog.RecordProof {
	return must(tlog.ProveRecord(l.size, index, l.reader()))
}

// anchored is the evidence that Ethereum holds the log's root of a size, for a checkpoint of another.
func (l *aLog) anchored(size, checkpointSize int64) *proof.Anchor {
	root := func(size int64) [32]byte { return must(tlog.TreeHash(size, l.reader())) }
	a := &proof.Anchor{Evidence: anchortest.Evidence(anchor.Checkpoint{Place: anchortest.Place,
		Previous: anchor.State{Size: uint64(size / 2), Root: root(size / 2)}, Next: anchor.State{Size: uint64(size), Root: root(size)}})}
	if size != checkpointSize {
		a.Consistency = must(tlog.ProveTree(max(size, checkpointSize), min(size, checkpointSize), l.reader()))
	}
	return a
}

// bundle proves what is chosen of a ticket, in a log of so many entries.
func bundle(t testing.TB, text string, size, index int64, choose func(commitment.Leaf) bool) *proof.Bundle {
	t.Helper()
	return anchoredBundle(t, text, size, index, 0, choose)
}

// first gives a bundle the form of version 1.
func first(b *proof.Bundle) *proof.Bundle {
	b.Version = 1
	return b
}

// anchoredBundle proves it in a log that was anchored at another size; 0: it was not.
func anchoredBundle(t testing.TB, text string, size, index, anchoredSize int64, choose func(commitment.Leaf) bool) *proof.Bundle {
	t.Helper()
	leaves, tree := everything(t, text)
	var shown []commitment.Leaf
	for _, leaf := range leaves {
		if choose(leaf) {
			shown = append(shown, leaf)
		}
	}
	log := newLog(t, max(size, anchoredSize), index, tlog.RecordHash(ledger.LogEntry("tickets", ticketKey, tree.Root())))
	log.size, log.root = size, must(tlog.TreeHash(size, log.reader()))
	signed := checkpoint.Checkpoint{Origin: "example.org/tickets", Size: size, Root: log.root}
	b := &proof.Bundle{
		Checkpoint: operator.Sign(signed) + witness.Line(signed),
		Channel:    "tickets", TicketKey: ticketKey, Index: index, Path: log.path(index),
		Ticket: must(tree.Disclose(shown)),
	}
	if anchoredSize > 0 {
		b.Anchor = log.anchored(anchoredSize, size)
	}
	return b
}

func whole(commitment.Leaf) bool { return true }

// oneLine chooses a line and what a manufacturer sees of its ticket.
func oneLine(leaf commitment.Leaf) bool {
	switch leaf.Label {
	case "retailerId", "storeId", "businessDayDate", "currencyCode":
		return true
	case commitment.LabelLine:
		return bytes.Contains(leaf.Value, []byte(`"itemId":"B"`)) || bytes.Contains(leaf.Value, []byte(`item-00077`))
	}
	return false
}
