package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/cli/audit"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/network/block"
)

// peer has blocks of seven tickets each, and waits for more when they end.
type peer struct{ recorded []block.Recorded }

const perBlock = 7

func (p *peer) blocks() [][]block.Recorded {
	return append([][]block.Recorded{nil}, slices.Collect(slices.Chunk(p.recorded, perBlock))...)
}

func (p *peer) Height(context.Context) (uint64, error) { return uint64(len(p.blocks())), nil }

func (p *peer) Follow(ctx context.Context, from uint64, each func(uint64, []block.Recorded) error) error {
	for i, recorded := range p.blocks()[from:] {
		if err := each(from+uint64(i), recorded); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// published is a log as a server has it.
type published struct {
	entries [][]byte
	hashes  []tlog.Hash
	signed  string
}

func (p *published) Checkpoint(context.Context) (string, error) { return p.signed, nil }

func (p *published) Hashes(_ context.Context, tile int64, width int) ([]tlog.Hash, error) {
	if first := int(tile) * tiles.Width; first+width <= len(p.hashes) {
		return p.hashes[first : first+width], nil
	}
	return nil, nil
}

func (p *published) Entries(_ context.Context, tile int64, width int) ([][]byte, error) {
	if first := int(tile) * tiles.Width; first+width <= len(p.entries) {
		return p.entries[first : first+width], nil
	}
	return nil, nil
}

var operator, _ = checkpoint.NewOperator("example.org/tickets", [32]byte{1})

func entryOf(r block.Recorded) []byte { return ledger.LogEntry("tickets", r.Key, r.Commitment) }

// publish makes the log of what was recorded, with a good signature.
func publish(recorded []block.Recorded) *published {
	p := &published{}
	appender, err := tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		panic(err)
	}
	for _, r := range recorded {
		p.entries, p.hashes = append(p.entries, entryOf(r)), append(p.hashes, tlog.RecordHash(entryOf(r)))
	}
	appender.Append(p.hashes)
	root, err := appender.Root()
	if err != nil {
		panic(err)
	}
	p.signed = operator.Sign(checkpoint.Checkpoint{Origin: operator.Name(), Size: int64(len(recorded)), Root: root})
	return p
}

func tickets(n int) []block.Recorded {
	recorded := make([]block.Recorded, n)
	for i := range recorded {
		recorded[i] = block.Recorded{Key: ledger.TicketKey{1, byte(i >> 8), byte(i)}, Commitment: [32]byte{2, byte(i >> 8), byte(i)}}
	}
	return recorded
}

func run(t *testing.T, recorded []block.Recorded, log *published) audit.Report {
	t.Helper()
	auditor := &audit.Auditor{Ledger: &peer{recorded}, Log: log, Channel: "tickets", Operator: operator.Key, Patience: time.Millisecond}
	report, err := auditor.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestALogThatIsTheLedgers(t *testing.T) {
	for _, n := range []int{0, 1, 7, 256, 600} {
		if report := run(t, tickets(n), publish(tickets(n))); len(report.Findings) > 0 || report.Entries != n {
			t.Errorf("%d tickets: %+v", n, report)
		}
	}
}

func TestEachChangeIsNamed(t *testing.T) {
	const n = 600
	stranger, err := checkpoint.NewOperator("example.org/tickets", [32]byte{9})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(p *published)
		want   string
	}{
		"changed":  {func(p *published) { p.entries[300] = entryOf(block.Recorded{Key: tickets(n)[300].Key}) }, "entry 300: the ledger has ticket key 01012c"},
		"foreign":  {func(p *published) { p.entries[300] = entryOf(block.Recorded{Key: ledger.TicketKey{7}}) }, "which the ledger does not know"},
		"nonsense": {func(p *published) { p.entries[300] = []byte("x") }, "something that is no entry"},
		"swapped":  {func(p *published) { p.entries[3], p.entries[301] = p.entries[301], p.entries[3] }, "the log has entry 301 in its place"},
		"deleted":  {func(p *published) { p.entries = slices.Delete(p.entries, 3, 4) }, "the log has entry 4 in its place"},
		"cut off":  {func(p *published) { p.entries = p.entries[:599] }, "entries 512 to 599 are missing"},
		"hash":     {func(p *published) { p.hashes[400][0]++ }, "entry 400: its hash in the log"},
		"tile":     {func(p *published) { p.hashes = p.hashes[:256] }, "hashes of entries 256 to 511 are missing"},
		"forged":   {func(p *published) { p.signed = strings.Replace(p.signed, "\n600\n", "\n599\n", 1) }, "not signed by its operator"},
		"stranger": {func(p *published) { c, _ := checkpoint.Text(p.signed); p.signed = stranger.Sign(c) }, "not signed by its operator"},
		"another log": {func(p *published) {
			other := tickets(n)
			other[500].Commitment[31]++
			*p = *publish(other)
		}, "it is of another log"},
		"rolled back":    {func(p *published) { *p = *publish(tickets(500)) }, "the log ends at 500 entries, the ledger has 600"},
		"never recorded": {func(p *published) { *p = *publish(tickets(n + 2)) }, "the log has 602 entries, the ledger only 600"},
	} {
		log := publish(tickets(n))
		test.change(log)
		report := run(t, tickets(n), log)
		if !strings.Contains(strings.Join(report.Findings, "\n"), test.want) {
			t.Errorf("%s: found\n%s\nwant %q", name, strings.Join(report.Findings, "\n"), test.want)
		}
		if len(report.Findings) > 20 {
			t.Errorf("%s: %d findings are listed", name, len(report.Findings))
		}
	}
}
