package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A Reconciliation sets what was promised to tills against what the ledger has. Where nothing is lost,
// Accepted = Recorded + Rejected + Missing, and Missing goes to zero when uploads stop.
type Reconciliation struct {
	Accepted          int64 `json:"accepted"`  // every ticket a till was told "accepted" for
	Recorded          int64 `json:"recorded"`  // on the ledger
	Rejected          int64 `json:"rejected"`  // refused after acceptance, conflicts among them
	Missing           int64 `json:"missing"`   // accepted, not refused, and not on the ledger yet
	Conflicts         int64 `json:"conflicts"` // refused since the ledger has other content under the same till number
	Gaps              int64 `json:"gaps"`      // numbers that tills left out within a day: perhaps a ticket was never sent
	PointsOutstanding int64 `json:"pointsOutstanding"`
}

// ReadReconciliation counts for those who may oversee.
func ReadReconciliation(ctx context.Context, tx pgx.Tx, actor Actor) (Reconciliation, error) {
	if actor.Role != RoleAuditor && actor.Role != RoleAdmin {
		return Reconciliation{}, ErrRole
	}
	return Reconcile(ctx, tx)
}

// Reconcile counts, in one snapshot. Recorded is counted on the ledger's side and missing ticket by ticket, so that neither
// is derived from the other.
func Reconcile(ctx context.Context, db DB) (Reconciliation, error) {
	var r Reconciliation
	err := db.QueryRow(ctx, `
		with refused as (
			select reason from book.tickets where state = 'rejected'
			union all
			select reason from book.refusals
		)
		select (select count(*) from book.tickets) + (select count(*) from book.refusals),
		       (select count(*) from view.tickets),
		       (select count(*) from refused),
		       (select count(*) from book.tickets b
		        where b.state <> 'rejected' and not exists (select from view.tickets v where v.ticket_key = b.ticket_key)),
		       (select count(*) from refused where reason like 'conflict%'),
		       (select coalesce(sum(span - numbers), 0)::bigint
		        from (select max(sequence_number) - min(sequence_number) + 1 as span, count(*) as numbers
		              from book.tickets group by store_id, workstation_id, business_day) days),
		       (select coalesce(sum(available + held), 0)::bigint from view.points_balances)`).
		Scan(&r.Accepted, &r.Recorded, &r.Rejected, &r.Missing, &r.Conflicts, &r.Gaps, &r.PointsOutstanding)
	if err != nil {
		return Reconciliation{}, fmt.Errorf("reconcile: %w", err)
	}
	return r, nil
}
