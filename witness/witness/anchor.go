package witness

import (
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/mod/sumdb/tlog"
)

// A Statement is what the operator has signed to have anchored: that the log grew from one state to another.
type Statement struct {
	PreviousSize, Size int64
	PreviousRoot, Root tlog.Hash
	Evidence           string // what the operator has signed, in words
}

// CheckAnchor agrees to a statement if both of its states are those of the witness's own log. The later one need not have
// been cosigned: what is signed for Ethereum follows from the ledger alone.
func (w *Witness) CheckAnchor(s Statement) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.Size <= s.PreviousSize || s.PreviousSize < 0 {
		return ErrOldSize
	}
	if s.Size > w.appender.Size() {
		return ErrAhead
	}
	for size, claimed := range map[int64]tlog.Hash{s.PreviousSize: s.PreviousRoot, s.Size: s.Root} {
		root, err := w.store.Root(size)
		if err != nil {
			return fmt.Errorf("%w: %w", errReadBack, err)
		}
		if root == claimed {
			continue
		}
		w.alarms++
		slog.Error("ALARM: the operator wants a log anchored that is not the ledger's", "size", size, "root", claimed.String(), "ledgerRoot", root.String())
		why := fmt.Sprintf("The operator wants a log anchored that is not the ledger's. By the ledger its root at size %d is %s. What the operator has signed: %s",
			size, root, s.Evidence)
		return errors.Join(ErrNotOurs, w.store.RaiseAlarm(why))
	}
	return nil
}
