package cosigner_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/collector/cosigner"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// fixture is a log in a real database, and a witness that holds requests to tlog-witness.
type fixture struct {
	t        *testing.T
	db       *hotstatetest.Database
	operator *checkpoint.Signer
	signer   *checkpoint.Signer // with which the witness signs
	worker   *cosigner.Cosigner

	vouched checkpoint.Checkpoint
	asked   int
	down    bool
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, db: hotstatetest.New(t)}
	var err error
	if f.operator, err = checkpoint.NewOperator("example.org/tickets", [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	if f.signer, err = checkpoint.NewWitness("brands.example/witness", [32]byte{2}, time.Now); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(f.witness))
	t.Cleanup(server.Close)
	f.worker = &cosigner.Cosigner{Pool: f.db.Collector, URL: server.URL + "/", Operator: f.operator.Key, Witness: f.signer.Key}
	return f
}

func (f *fixture) witness(w http.ResponseWriter, r *http.Request) {
	f.asked++
	body, _ := io.ReadAll(r.Body)
	head, signed, _ := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	c, _, err := checkpoint.Open(signed, f.operator.Key)
	switch {
	case f.down:
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	case err != nil || r.URL.Path != "/add-checkpoint":
		http.Error(w, "bad", http.StatusBadRequest)
		return
	case lines[0] != fmt.Sprintf("old %d", f.vouched.Size):
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintln(w, f.vouched.Size)
		return
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, _ := base64.StdEncoding.DecodeString(line)
		proof = append(proof, tlog.Hash(hash))
	}
	if f.vouched.Size > 0 && tlog.CheckTree(proof, c.Size, c.Root, f.vouched.Size, f.vouched.Root) != nil {
		http.Error(w, "proof", http.StatusUnprocessableEntity)
		return
	}
	f.vouched = c
	io.WriteString(w, f.signer.Line(c))
}

// grow appends to the log as the projector does.
func (f *fixture) grow(n int) {
	f.t.Helper()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, f.db.Collector, func(tx pgx.Tx) error {
		before, err := hotstate.ReadLogCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		appender, err := tiles.NewAppender(before.Size, func(ids []tiles.ID) (map[tiles.ID][]byte, error) { return hotstate.ReadTiles(ctx, tx, ids) })
		if err != nil {
			return err
		}
		var entries []hotstate.LogEntry
		var leaves []tlog.Hash
		for i := range n {
			index := before.Size + int64(i)
			entry := hotstate.LogEntry{Index: index, Key: [32]byte{byte(index >> 8), byte(index)}}
			entries = append(entries, entry)
			leaves = append(leaves, tlog.RecordHash(ledger.LogEntry("tickets", entry.Key, entry.Commitment)))
		}
		changed := appender.Append(leaves)
		root, err := appender.Root()
		if err != nil {
			return err
		}
		signed := f.operator.Sign(checkpoint.Checkpoint{Origin: f.operator.Name(), Size: appender.Size(), Root: root})
		return hotstate.AppendLog(ctx, tx, 1, entries, changed, hotstate.LogCheckpoint{Channel: "tickets", Size: appender.Size(), Signed: signed})
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// step is one step, after which the witnessed checkpoint must be of a size.
func (f *fixture) step(fails bool, size int64) {
	f.t.Helper()
	if err := f.worker.Step(context.Background()); (err != nil) != fails {
		f.t.Fatalf("error %v", err)
	}
	stored, err := hotstate.ReadWitnessedCheckpoint(context.Background(), f.db.Collector)
	if err != nil || stored.Size != size {
		f.t.Fatalf("the witnessed checkpoint has size %d, want %d (%v)", stored.Size, size, err)
	}
	if size == 0 {
		return
	}
	if c, _, err := checkpoint.OpenExactly(stored.Signed, f.operator.Key, f.worker.Witness); err != nil || c.Size != size {
		f.t.Fatalf("%+v, %v", c, err)
	}
}

func TestEachCheckpointIsBroughtToTheWitnessOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.step(false, 0)
	f.grow(3)
	f.step(false, 3)
	f.step(false, 3)
	f.grow(600)
	f.step(false, 603)
	if f.asked != 2 {
		t.Errorf("the witness was asked %d times, want 2", f.asked)
	}
}

func TestAWitnessThatWasAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.grow(3)
	f.down = true
	f.step(true, 0)
	f.grow(3)
	f.down = false
	f.step(false, 6)
}

// The answer may be lost, or the database restored from a backup: the witness knows better what it signed.
func TestAWitnessThatIsAhead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.grow(5)
	f.step(false, 5)
	if _, err := f.db.Owner.Exec(context.Background(), "delete from book.witnessed_checkpoint"); err != nil {
		t.Fatal(err)
	}
	f.grow(4)
	f.step(false, 9)
}

func TestASignatureByAnotherIsNone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.grow(5)
	var err error
	if f.signer, err = checkpoint.NewWitness("brands.example/witness", [32]byte{3}, time.Now); err != nil {
		t.Fatal(err)
	}
	f.step(true, 0)
}
