// Package audit rebuilds the log of tickets from one organisation's own peer and compares it with what the query server
// publishes, and, for who runs the database, with the tickets in it. It shares nothing with the programs that it audits but
// the arithmetic of the log.
package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/network/block"
)

// A Ledger is one peer's copy of the channel.
type Ledger interface {
	Height(ctx context.Context) (uint64, error)
	Follow(ctx context.Context, from uint64, each func(number uint64, recorded []block.Recorded) error) error
}

// A Log is what the query server publishes.
type Log interface {
	Checkpoint(ctx context.Context) (string, error)
	Hashes(ctx context.Context, tile int64, width int) ([]tlog.Hash, error)
	Entries(ctx context.Context, tile int64, width int) ([][]byte, error)
}

// An Auditor is used once.
type Auditor struct {
	Ledger   Ledger
	Log      Log
	Channel  string
	Operator checkpoint.Key
	Database *pgxpool.Pool // the hot state; nil: it is left out
	Patience time.Duration // how long the log may lag behind the peer, or the peer behind the log

	blocks   uint64
	recorded []block.Recorded
	report   Report
}

// A Report is what was found. No findings: the log is the ledger's.
type Report struct {
	Blocks   uint64
	Entries  int
	Signed   checkpoint.Checkpoint
	Findings []string
	More     int // findings beyond those listed
}

// maxFindings bounds the list: a log that lost its first entry differs in all of them.
const maxFindings = 20

func (r *Report) find(format string, arguments ...any) {
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, fmt.Sprintf(format, arguments...))
}

// Run audits. An error says that the audit could not be made.
func (a *Auditor) Run(ctx context.Context) (Report, error) {
	height, err := a.Ledger.Height(ctx)
	if err != nil {
		return Report{}, err
	}
	if err := a.read(ctx, func() bool { return a.blocks >= height }); err != nil {
		return Report{}, fmt.Errorf("rebuild the log from the peer: %w", err)
	}
	if err := a.catchUp(ctx); err != nil {
		return Report{}, err
	}
	if err := a.compareRoot(); err != nil {
		return Report{}, err
	}
	if err := a.compareEntries(ctx); err != nil {
		return Report{}, err
	}
	if err := a.compareDatabase(ctx); err != nil {
		return Report{}, err
	}
	a.report.Blocks, a.report.Entries = a.blocks, len(a.recorded)
	return a.report, nil
}

var errEnough = errors.New("enough")

// read takes blocks from the peer until there are enough.
func (a *Auditor) read(ctx context.Context, enough func() bool) error {
	if enough() {
		return nil
	}
	err := a.Ledger.Follow(ctx, a.blocks, func(number uint64, recorded []block.Recorded) error {
		a.blocks = number + 1
		a.recorded = append(a.recorded, recorded...)
		if enough() {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// catchUp waits until log and peer are of the same size, for as long as patience lasts.
func (a *Auditor) catchUp(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, a.Patience)
	defer cancel()
	for {
		text, err := a.Log.Checkpoint(ctx)
		if err != nil {
			return err
		}
		if a.report.Signed, _, err = checkpoint.Open(text, a.Operator); err != nil {
			a.report.find("the log's checkpoint is not signed by its operator: %v", err)
			a.report.Signed, err = checkpoint.Text(text)
			return err
		}
		if a.report.Signed.Size >= int64(len(a.recorded)) {
			break
		}
		select {
		case <-time.After(time.Second):
		case <-limit.Done():
			missing := a.recorded[a.report.Signed.Size]
			a.report.find("the log ends at %d entries, the ledger has %d: what follows is not there, first ticket key %s",
				a.report.Signed.Size, len(a.recorded), missing.Key)
			return ctx.Err()
		}
	}
	err := a.read(limit, func() bool { return int64(len(a.recorded)) >= a.report.Signed.Size })
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		a.report.find("the log has %d entries, the ledger only %d: what is beyond was never recorded", a.report.Signed.Size, len(a.recorded))
		return nil
	}
	return err
}

// compareRoot holds the signed root against the peer's.
func (a *Auditor) compareRoot() error {
	size := min(a.report.Signed.Size, int64(len(a.recorded)))
	appender, err := tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		return err
	}
	for _, recorded := range a.recorded[:size] {
		appender.Append([]tlog.Hash{tlog.RecordHash(a.entry(recorded))})
	}
	root, err := appender.Root()
	if err != nil {
		return err
	}
	if size == a.report.Signed.Size && root != a.report.Signed.Root {
		a.report.find("the checkpoint's root of size %d is %v, by the ledger it is %v: it is of another log", size, a.report.Signed.Root, root)
	}
	return nil
}

func (a *Auditor) entry(r block.Recorded) []byte {
	return ledger.LogEntry(a.Channel, r.Key, r.Commitment)
}
