// Package witness is the other organisation's judgement on the log: it rebuilds the log from its own peer's blocks, and
// signs a checkpoint of the operator only if it is that of its own log, and extends the one it signed before.
package witness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/witness/store"
)

// A Witness is safe for concurrent use.
type Witness struct {
	channel  string
	operator checkpoint.Key
	signer   *checkpoint.Signer
	store    *store.Store

	mu       sync.Mutex // held while the log grows and while a checkpoint is judged
	appender *tiles.Appender
	next     uint64        // block
	grown    chan struct{} // closed when the log grows, and made anew
	alarms   int
}

// New goes on where the store ends.
func New(channel string, operator checkpoint.Key, signer *checkpoint.Signer, s *store.Store) (*Witness, error) {
	state, err := s.State()
	if err != nil {
		return nil, err
	}
	appender, err := tiles.NewAppender(state.Size, s.Tiles)
	if err != nil {
		return nil, fmt.Errorf("go on with the log: %w", err)
	}
	return &Witness{channel: channel, operator: operator, signer: signer, store: s,
		appender: appender, next: state.Next, grown: make(chan struct{})}, nil
}

// Next is the number of the block that is due.
func (w *Witness) Next() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next
}

// Size is the number of entries of the witness's own log.
func (w *Witness) Size() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.appender.Size()
}

// Alarms counts alarms since the start.
func (w *Witness) Alarms() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alarms
}

// Append adds a block's tickets to the witness's own log.
func (w *Witness) Append(number uint64, recorded []block.Recorded) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if number != w.next {
		return fmt.Errorf("block %d came where block %d was due", number, w.next)
	}
	leaves := make([]tlog.Hash, len(recorded))
	for i, r := range recorded {
		leaves[i] = tlog.RecordHash(ledger.LogEntry(w.channel, r.Key, r.Commitment))
	}
	changed := w.appender.Append(leaves)
	if err := w.store.Append(changed, store.State{Next: number + 1, Size: w.appender.Size()}); err != nil {
		// What is in memory is ahead of the disk now: begin again from there.
		appender, again := tiles.NewAppender(w.appender.Size()-int64(len(leaves)), w.store.Tiles)
		if again == nil {
			w.appender = appender
		}
		return errors.Join(err, again)
	}
	w.next = number + 1
	if len(leaves) > 0 {
		close(w.grown)
		w.grown = make(chan struct{})
	}
	return nil
}

// What a checkpoint is refused for.
var (
	ErrUnknown  = errors.New("the checkpoint is not one of the operator's")
	ErrAhead    = errors.New("our peer has not come as far yet")
	ErrProof    = errors.New("the consistency proof does not hold")
	ErrRewound  = errors.New("a later checkpoint was signed before")
	ErrNotOurs  = errors.New("the log is not the one that our peer's ledger gives")
	ErrOldSize  = errors.New("the proof begins at another size than the one signed last")
	errReadBack = errors.New("the witness's own files cannot be read")
)

// A Request is a checkpoint with the proof that it extends an earlier one.
type Request struct {
	OldSize int64
	Proof   tlog.TreeProof
	Signed  string
}

// Cosign judges a checkpoint, and gives the line of the witness's signature. It waits until the witness's own log has come
// as far, up to the end of the context.
func (w *Witness) Cosign(ctx context.Context, r Request) (string, error) {
	c, _, err := checkpoint.Open(r.Signed, w.operator)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	for {
		line, grown, err := w.judge(c, r)
		if !errors.Is(err, ErrAhead) {
			return line, err
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return "", err
		}
	}
}

// judge also gives the channel that tells of the log's growth.
func (w *Witness) judge(c checkpoint.Checkpoint, r Request) (string, <-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Size > w.appender.Size() {
		return "", w.grown, ErrAhead
	}
	if err := w.compare(c, r.Signed); err != nil {
		return "", nil, err
	}
	vouched, any, err := w.store.Vouched()
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", errReadBack, err)
	}
	switch {
	case any && c.Size < vouched.Size:
		return "", nil, ErrRewound
	case r.OldSize != vouched.Size:
		return "", nil, ErrOldSize
	case any && vouched.Size > 0:
		if err := tlog.CheckTree(r.Proof, c.Size, c.Root, vouched.Size, vouched.Root); err != nil {
			return "", nil, fmt.Errorf("%w: %w", ErrProof, err)
		}
	case len(r.Proof) > 0:
		return "", nil, ErrProof
	}
	if err := w.store.Vouch(c); err != nil {
		return "", nil, err
	}
	return w.signer.Line(c), nil, nil
}

// compare holds a checkpoint that the operator has signed against the witness's own log. If they differ, the operator has
// signed a log that is not the ledger's: the signed checkpoint is kept as the evidence.
func (w *Witness) compare(c checkpoint.Checkpoint, signed string) error {
	root, err := w.store.Root(c.Size)
	if err != nil {
		return fmt.Errorf("%w: %w", errReadBack, err)
	}
	if root == c.Root {
		return nil
	}
	w.alarms++
	slog.Error("ALARM: the operator has signed a log that is not the ledger's", "size", c.Size, "root", c.Root.String(), "ledgerRoot", root.String())
	why := fmt.Sprintf("The operator has signed a log that is not the ledger's. By the ledger its root at size %d is %s. What the operator has signed:\n\n%s",
		c.Size, root, signed)
	return errors.Join(ErrNotOurs, w.store.RaiseAlarm(why))
}

// Ready is nil while no alarm is up.
func (w *Witness) Ready(context.Context) error {
	why, err := w.store.Alarm()
	if err == nil && why != "" {
		return errors.New("an alarm is up: see the file alarm in the witness's folder, and remove it when it is dealt with")
	}
	return err
}

// Vouched is the size of the checkpoint signed last.
func (w *Witness) Vouched() (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	vouched, _, err := w.store.Vouched()
	return vouched.Size, err
}

// Key is the witness's public key.
func (w *Witness) Key() checkpoint.Key { return w.signer.Key }
