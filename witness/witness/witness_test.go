package witness_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/witness/store"
	"github.com/tillproof/tillproof/witness/witness"
)

const origin = "example.org/tickets"

func newOperator(t *testing.T) *checkpoint.Signer {
	t.Helper()
	operator, err := checkpoint.NewOperator(origin, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	return operator
}

// open is the witness of a folder, as after a start.
func open(t *testing.T, dir string) *witness.Witness {
	t.Helper()
	files, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := files.Seed()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := checkpoint.NewWitness("brands.example/witness", seed, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.New("tickets", newOperator(t).Key, signer, files)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// recorded is what the i-th block records: three tickets.
func recorded(i int) []block.Recorded {
	var tickets []block.Recorded
	for j := range 3 {
		tickets = append(tickets, block.Recorded{Key: ledger.TicketKey{byte(i), byte(j)}, Commitment: [32]byte{byte(i), byte(j)}})
	}
	return tickets
}

// follow gives the witness blocks up to a number.
func follow(t *testing.T, w *witness.Witness, to int) {
	t.Helper()
	for i := int(w.Next()); i < to; i++ {
		if err := w.Append(uint64(i), recorded(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// operatorLog is the log as the operator has it.
type operatorLog struct {
	stored map[tiles.ID][]byte
	leaves []tlog.Hash
}

// newLog has the tickets of so many blocks, but for the changes.
func newLog(t *testing.T, blocks int, change func(leaves []tlog.Hash)) *operatorLog {
	t.Helper()
	l := &operatorLog{stored: make(map[tiles.ID][]byte)}
	for i := range blocks {
		for _, r := range recorded(i) {
			l.leaves = append(l.leaves, tlog.RecordHash(ledger.LogEntry("tickets", r.Key, r.Commitment)))
		}
	}
	change(l.leaves)
	appender, err := tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range appender.Append(l.leaves) {
		l.stored[tile.ID] = tile.Hashes
	}
	return l
}

func unchanged([]tlog.Hash) {}

func (l *operatorLog) reader() tlog.HashReader {
	return tiles.Reader(func([]tiles.ID) (map[tiles.ID][]byte, error) { return l.stored, nil })
}

// request asks for a signature on size entries, which extend old ones.
func (l *operatorLog) request(t *testing.T, old, size int64) witness.Request {
	t.Helper()
	root, err := tlog.TreeHash(size, l.reader())
	if err != nil {
		t.Fatal(err)
	}
	r := witness.Request{OldSize: old, Signed: newOperator(t).Sign(checkpoint.Checkpoint{Origin: origin, Size: size, Root: root})}
	if old > 0 && old <= size {
		if r.Proof, err = tlog.ProveTree(size, old, l.reader()); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// ask gives what the witness answers at once.
func ask(t *testing.T, w *witness.Witness, r witness.Request) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	line, err := w.Cosign(ctx, r)
	if err == nil {
		if _, _, err := checkpoint.OpenExactly(r.Signed+line, newOperator(t).Key, w.Key()); err != nil {
			t.Fatalf("the witness's signature does not hold: %v", err)
		}
	}
	return err
}

func TestTheSameLogIsSignedAsItGrows(t *testing.T) {
	dir, log := t.TempDir(), newLog(t, 200, unchanged)
	old := int64(0)
	for _, blocks := range []int{1, 2, 90, 91, 200} {
		w := open(t, dir) // each time anew: what was signed is on the disk
		follow(t, w, blocks)
		size := int64(3 * blocks)
		if err := ask(t, w, log.request(t, old, size)); err != nil {
			t.Fatalf("size %d after %d: %v", size, old, err)
		}
		if err := ask(t, w, log.request(t, size, size)); err != nil {
			t.Fatalf("size %d again: %v", size, err)
		}
		if signed, err := w.Vouched(); err != nil || signed != size || w.Size() != size {
			t.Fatalf("%d of %d signed, %v", signed, w.Size(), err)
		}
		old = size
	}
}

func TestRefusals(t *testing.T) {
	log := newLog(t, 100, unchanged)
	stranger, err := checkpoint.NewOperator(origin, [32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		request witness.Request
		want    error
		alarm   bool
	}{
		"changed":          {newLog(t, 100, func(l []tlog.Hash) { l[77][0]++ }).request(t, 30, 300), witness.ErrNotOurs, true},
		"swapped":          {newLog(t, 100, func(l []tlog.Hash) { l[7], l[8] = l[8], l[7] }).request(t, 30, 300), witness.ErrNotOurs, true},
		"deleted":          {newLog(t, 100, func(l []tlog.Hash) { copy(l[7:], l[8:]) }).request(t, 30, 299), witness.ErrNotOurs, true},
		"forged and small": {newLog(t, 100, func(l []tlog.Hash) { l[0][0]++ }).request(t, 30, 10), witness.ErrNotOurs, true},
		"rolled back":      {log.request(t, 30, 29), witness.ErrRewound, false},
		"other beginning":  {log.request(t, 29, 300), witness.ErrOldSize, false},
		"from nothing":     {log.request(t, 0, 300), witness.ErrOldSize, false},
		"no proof":         {witness.Request{OldSize: 30, Signed: log.request(t, 30, 300).Signed}, witness.ErrProof, false},
		"wrong proof":      {witness.Request{OldSize: 30, Proof: log.request(t, 31, 300).Proof, Signed: log.request(t, 30, 300).Signed}, witness.ErrProof, false},
		"ahead":            {newLog(t, 101, unchanged).request(t, 30, 303), witness.ErrAhead, false},
		"stranger":         {witness.Request{OldSize: 30, Signed: stranger.Sign(checkpoint.Checkpoint{Origin: origin, Size: 300})}, witness.ErrUnknown, false},
		"unsigned":         {witness.Request{OldSize: 30, Signed: "x"}, witness.ErrUnknown, false},
	} {
		dir := t.TempDir()
		w := open(t, dir)
		follow(t, w, 100)
		if err := ask(t, w, log.request(t, 0, 30)); err != nil {
			t.Fatal(err)
		}
		if err := ask(t, w, test.request); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if raised := open(t, dir).Ready(t.Context()) != nil; raised != test.alarm || (w.Alarms() > 0) != test.alarm {
			t.Errorf("%s: alarm %v, want %v", name, raised, test.alarm)
		}
		evidence, _ := os.ReadFile(filepath.Join(dir, "alarm"))
		if test.alarm && !strings.Contains(string(evidence), test.request.Signed) {
			t.Errorf("%s: what the operator signed is not kept", name)
		}
		if err := ask(t, w, log.request(t, 30, 300)); err != nil {
			t.Errorf("%s: the true log is not signed any more: %v", name, err)
		}
	}
}

func TestAWitnessWaitsForItsPeer(t *testing.T) {
	w := open(t, t.TempDir())
	follow(t, w, 10)
	answered := make(chan error)
	go func() {
		_, err := w.Cosign(context.Background(), newLog(t, 20, unchanged).request(t, 0, 60))
		answered <- err
	}()
	follow(t, w, 20)
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

// A crash may come between the tiles and the state.
func TestTilesAheadOfTheState(t *testing.T) {
	dir := t.TempDir()
	follow(t, open(t, dir), 90)
	state, err := os.ReadFile(filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	follow(t, open(t, dir), 95)
	if err := os.WriteFile(filepath.Join(dir, "state"), state, 0o600); err != nil {
		t.Fatal(err)
	}
	w := open(t, dir)
	if w.Next() != 90 || w.Size() != 270 {
		t.Fatalf("block %d, size %d", w.Next(), w.Size())
	}
	follow(t, w, 100)
	if err := ask(t, w, newLog(t, 100, unchanged).request(t, 0, 300)); err != nil {
		t.Error(err)
	}
}

func TestBlocksComeInOrder(t *testing.T) {
	w := open(t, t.TempDir())
	follow(t, w, 2)
	for _, number := range []uint64{0, 1, 3} {
		if err := w.Append(number, nil); err == nil {
			t.Errorf("block %d was taken where block 2 is due", number)
		}
	}
}

// What is signed for Ethereum is true by the witness's own ledger, both where it begins and where it ends.
func TestAnchorsAreHeldAgainstTheLedger(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	follow(t, w, 12)
	log := newLog(t, 12, unchanged)
	root := func(size int64) tlog.Hash {
		hash, err := tlog.TreeHash(size, log.reader())
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	size := w.Size()
	good := witness.Statement{PreviousSize: 3, PreviousRoot: root(3), Size: size, Root: root(size)}
	if err := w.CheckAnchor(good); err != nil {
		t.Fatal(err)
	}
	if err := w.CheckAnchor(witness.Statement{PreviousRoot: root(0), Size: 1, Root: root(1)}); err != nil {
		t.Errorf("from the empty log: %v", err)
	}
	ahead, shrinking := good, good
	ahead.Size++
	shrinking.PreviousSize, shrinking.PreviousRoot = size, root(size)
	for want, s := range map[error]witness.Statement{witness.ErrAhead: ahead, witness.ErrOldSize: shrinking} {
		if err := w.CheckAnchor(s); !errors.Is(err, want) {
			t.Errorf("%+v: %v, want %v", s, err, want)
		}
	}
	if err := w.Ready(t.Context()); err != nil || w.Alarms() != 0 {
		t.Fatalf("an alarm before anything was forged: %v", err)
	}
	for i, forge := range []func(*witness.Statement){
		func(s *witness.Statement) { s.Root[0] ^= 1 },
		func(s *witness.Statement) { s.PreviousRoot[0] ^= 1 },
		func(s *witness.Statement) { s.PreviousSize-- },
	} {
		forged := good
		forge(&forged)
		if err := w.CheckAnchor(forged); !errors.Is(err, witness.ErrNotOurs) || w.Alarms() != i+1 || w.Ready(t.Context()) == nil {
			t.Errorf("forgery %d: %v, %d alarms", i, err, w.Alarms())
		}
	}
}
