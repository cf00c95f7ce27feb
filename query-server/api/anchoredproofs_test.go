package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/anchor/anchortest"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/proof"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

// anchorAt has the log's root of a size on Ethereum, as the anchor service would keep it.
func anchorAt(t testing.TB, s *testServer, size int64) {
	t.Helper()
	ctx := t.Context()
	reader := tiles.Reader(func(ids []tiles.ID) (map[tiles.ID][]byte, error) { return hotstate.ReadTiles(ctx, s.db.Collector, ids) })
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		t.Fatal(err)
	}
	e := anchortest.Evidence(anchor.Checkpoint{Place: anchortest.Place, Next: anchor.State{Size: uint64(size), Root: root}})
	a := hotstate.Anchor{
		ChainID: int64(anchortest.Place.ChainID), Contract: anchortest.Place.Contract[:], Epoch: 1, Size: size, Root: root[:],
		PreviousRoot: e.Statement.Previous.Root[:], Transaction: e.Transaction[:], Block: int64(e.Number), BlockHash: e.Block[:],
		At: time.Now(), Final: true, RetailSignature: e.ByRetail[:], BrandsSignature: e.ByBrands[:],
	}
	as := s.db.As(t, "tillproof_anchor")
	err = pgx.BeginFunc(ctx, as, func(tx pgx.Tx) error {
		return hotstate.ReplaceAnchors(ctx, tx, a.ChainID, a.Contract, a.Block-1, []hotstate.Anchor{a}, hotstate.AnchorScan{Block: a.Block, BlockHash: a.BlockHash})
	})
	if err == nil {
		err = hotstate.WriteAnchorEvidence(ctx, as, a, hotstate.AnchorEvidence{Header: e.Header, TransactionIndex: int64(e.Index), Event: e.Event,
			TransactionProof: e.TransactionProof, ReceiptProof: e.ReceiptProof})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Once the ticket is under an anchored root, its bundle has the evidence; before that it says that there is none. So it is
// for a line, of which nothing more becomes known.
func TestProofsHaveTheAnchor(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	operator := record(t, s)
	trust := proof.Trust{Operator: operator.Key, Ethereum: &anchortest.Trust}
	path := "/v1/tickets/" + provenID + "/proof"
	anchored := func() *proof.Anchored {
		t.Helper()
		bundle, err := proof.Decode([]byte(s.get("customer-a", path).body))
		if err != nil {
			t.Fatal(err)
		}
		verified, err := proof.Verify(bundle, trust)
		if err != nil {
			t.Fatal(err)
		}
		return verified.Anchored
	}
	if anchored() != nil {
		t.Error("anchored before anything was")
	}
	anchorAt(t, s, 300)
	if anchored() != nil {
		t.Error("entry 300 is under the root of entries 0 to 299")
	}
	anchorAt(t, s, 305)
	if a := anchored(); a == nil || a.Next.Size != 305 {
		t.Errorf("under the root of size 305: %+v", a)
	}
}

// While the log is being made again it may have fewer entries than are anchored: then the bundle has no anchor, and no error.
func TestProofsWhileTheLogIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	operator := record(t, s)
	anchorAt(t, s, 310)
	root, err := tlog.TreeHash(305, tiles.Reader(func(ids []tiles.ID) (map[tiles.ID][]byte, error) {
		return hotstate.ReadTiles(context.Background(), s.db.Collector, ids)
	}))
	if err != nil {
		t.Fatal(err)
	}
	smaller := operator.Sign(checkpoint.Checkpoint{Origin: operator.Name(), Size: 305, Root: root})
	if _, err := s.db.Owner.Exec(t.Context(), `update view.log_checkpoint set size = 305, signed = $1`, smaller); err != nil {
		t.Fatal(err)
	}
	bundle, err := proof.Decode([]byte(s.get("customer-a", "/v1/tickets/"+provenID+"/proof").body))
	if err != nil || bundle.Anchor != nil {
		t.Errorf("with a smaller log: %v, %+v", err, bundle)
	}
}

// Who changes what is kept of Ethereum gets no proof rather than a wrong one.
func TestChangedAnchorsAreNotHandedOut(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"root":    `update view.anchors set root = sha256('x')`,
		"block":   `update view.anchors set block_hash = sha256('x')`,
		"header":  `update view.anchor_evidence set header = header || '\x00'`,
		"receipt": `update view.anchor_evidence set receipt_proof[1] = '\x00'`,
		"event":   `update view.anchor_evidence set event = 0`,
	} {
		s := newServer(t, "http://127.0.0.1:1")
		record(t, s)
		anchorAt(t, s, 305)
		if _, err := s.db.As(t, "tillproof_anchor").Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if got := s.get("customer-a", "/v1/tickets/"+provenID+"/proof"); got.StatusCode != 500 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}
