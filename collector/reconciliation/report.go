package reconciliation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// listed bounds each list of a report: its beginning tells, and the counts tell how long it is.
const listed = 100

// A Report is the counts with what stands behind them. It names tickets and tills, no member.
type Report struct {
	hotstate.Reconciliation
	MissingTickets []hotstate.UnrecordedTicket `json:"missingTickets"`
	InConflict     []hotstate.UnrecordedTicket `json:"ticketsInConflict"`
	SequenceGaps   []hotstate.TillGap          `json:"sequenceGaps"`
}

// Read makes a report of one snapshot.
func Read(ctx context.Context, pool *pgxpool.Pool) (r Report, err error) {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, snapshot, func(tx pgx.Tx) (err error) {
		if r.Reconciliation, err = hotstate.Reconcile(ctx, tx); err != nil {
			return err
		}
		if r.MissingTickets, err = hotstate.ListMissing(ctx, tx, listed); err != nil {
			return err
		}
		if r.InConflict, err = hotstate.ListConflicts(ctx, tx, listed); err != nil {
			return err
		}
		r.SequenceGaps, err = hotstate.ListGaps(ctx, tx, listed)
		return err
	})
	return r, err
}

// Print writes a report for people.
func (r Report) Print(to io.Writer) error {
	out := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	for _, line := range []struct {
		name  string
		count int64
	}{
		{"accepted", r.Accepted}, {"recorded", r.Recorded}, {"rejected", r.Rejected}, {"  of them in conflict", r.Conflicts},
		{"missing", r.Missing}, {"numbers left out by tills", r.Gaps}, {"points outstanding", r.PointsOutstanding},
	} {
		fmt.Fprintf(out, "%s\t%d\n", line.name, line.count)
	}
	for _, t := range r.MissingTickets {
		fmt.Fprintf(out, "missing\t%s\t%s\taccepted %s\n", t.TransactionID, place(t), t.ReceivedAt.UTC().Format(time.RFC3339))
	}
	for _, t := range r.InConflict {
		fmt.Fprintf(out, "conflict\t%s\t%s\t%s\n", t.TransactionID, place(t), t.Reason)
	}
	for _, g := range r.SequenceGaps {
		fmt.Fprintf(out, "left out\t%d to %d\tstore %q, till %q, %s\n", g.From, g.To, g.StoreID, g.WorkstationID, g.BusinessDay.Format(time.DateOnly))
	}
	return out.Flush()
}

func place(t hotstate.UnrecordedTicket) string {
	return fmt.Sprintf("store %q, till %q, %s, number %d", t.StoreID, t.WorkstationID, t.BusinessDay.Format(time.DateOnly), t.SequenceNumber)
}

// PrintJSON writes a report for programs.
func (r Report) PrintJSON(to io.Writer) error {
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
