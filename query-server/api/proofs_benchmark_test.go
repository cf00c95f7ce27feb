package api_test

import (
	"encoding/binary"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

// BenchmarkProofInAMillion asks over HTTP for the proof of one ticket of a million, as its customer does, without and with
// an anchor.
func BenchmarkProofInAMillion(b *testing.B) {
	s := newServer(b, "http://127.0.0.1:1")
	recordInAMillion(b, s)
	authorization := "Bearer " + s.bearer("customer-a")
	for _, anchored := range []int64{0, 900_000} {
		name := "log alone"
		if anchored > 0 {
			anchorAt(b, s, anchored)
			name = "with Ethereum"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if response, body := s.raw("/v1/tickets/"+provenID+"/proof", "Authorization", authorization); response.StatusCode != 200 {
					b.Fatalf("%s %s", response.Status, body)
				}
			}
		})
	}
}

// recordInAMillion puts the receipt in the middle of a log whose other entries are tiles alone: nothing else is read of them.
func recordInAMillion(b *testing.B, s *testServer) {
	b.Helper()
	const size, place = 1_000_000, 617_283
	operator, err := checkpoint.NewOperator("example.org/tickets", [32]byte{7})
	if err != nil {
		b.Fatal(err)
	}
	projected := project(b)
	entry := hotstate.LogEntry{Index: place, Key: provenKey, Commitment: projected.Tickets[0].Commitment}
	projected.Recorded = []hotstate.LogEntry{entry}
	leaves := make([]tlog.Hash, size)
	for i := range leaves {
		leaves[i] = tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	leaves[place] = tlog.RecordHash(ledger.LogEntry("tickets", entry.Key, entry.Commitment))
	appender, err := tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		b.Fatal(err)
	}
	changed := appender.Append(leaves)
	root, err := appender.Root()
	if err != nil {
		b.Fatal(err)
	}
	signed := operator.Sign(checkpoint.Checkpoint{Origin: operator.Name(), Size: size, Root: root})
	err = pgx.BeginFunc(b.Context(), s.db.Collector, func(tx pgx.Tx) error {
		if err := hotstate.Project(b.Context(), tx, projected); err != nil {
			return err
		}
		return hotstate.AppendLog(b.Context(), tx, projected.Block, projected.Recorded, changed, hotstate.LogCheckpoint{Channel: "tickets", Size: size, Signed: signed})
	})
	if err != nil {
		b.Fatal(err)
	}
}
