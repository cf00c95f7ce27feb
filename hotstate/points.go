package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Points is what a member has.
type Points struct {
	Available int64
	Pending   int64 // of accepted tickets that the ledger does not have yet
	Held      int64 // kept aside for purchases
	Expiring  []ExpiringPoints
}

// ExpiringPoints are available points that are good to the end of a month.
type ExpiringPoints struct {
	Month  int32 // year × 12 + month − 1
	Points int64
}

// ReadPoints reads the actor's points. A member nothing is known of has none. Its three questions go in one message: this is
// what every member's app asks first, and often.
func ReadPoints(ctx context.Context, tx pgx.Tx, actor Actor) (points Points, asOf AsOf, err error) {
	if actor.Role != RoleCustomer {
		return Points{}, AsOf{}, ErrRole
	}
	var batch pgx.Batch
	batch.Queue(pointsNow, actor.LoyaltyID).QueryRow(func(row pgx.Row) error {
		return row.Scan(&points.Available, &points.Pending, &points.Held)
	})
	batch.Queue(pointsExpiring, actor.LoyaltyID).Query(func(rows pgx.Rows) (err error) {
		points.Expiring, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ExpiringPoints])
		return err
	})
	batch.Queue(newestAsOf).QueryRow(func(row pgx.Row) (err error) {
		asOf, err = scanAsOf(row)
		return err
	})
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return Points{}, AsOf{}, fmt.Errorf("read points: %w", err)
	}
	return points, asOf, nil
}

const pointsNow = `
	select coalesce((select available from view.points_balances where loyalty_id = $1), 0),
	       coalesce((select sum(pending_points) from book.tickets where loyalty_id = $1 and state = 'accepted'), 0)::bigint,
	       coalesce((select held from view.points_balances where loyalty_id = $1), 0)`

// pointsExpiring adds up, by month, what heads have and what is not folded into them yet. What takes points away has not
// met them yet where it is not folded: it lessens the months that it names.
const pointsExpiring = `
	select expiry_month, sum(points)::bigint
	from (
		select expiry_month, points from view.points_buckets where loyalty_id = $1
		union all
		select expiry_month, points from view.points_entries where loyalty_id = $1 and not folded and expiry_month > 0
	) as parts
	where expiry_month > 0
	group by expiry_month having sum(points) > 0
	order by expiry_month`

// A PointsEntry is one line of a member's statement.
type PointsEntry struct {
	ID             []byte
	Kind           string
	Points         int64
	BalanceAfter   int64
	EligibleAmount int64
	CurrencyCode   string
	RuleVersion    int32
	BusinessDay    time.Time
	RecordedAt     time.Time
	Block          int64
	TxIndex        int32
	TxID           string
	TransactionID  *string // of the ticket, where there is one
	TicketStoreID  *string
	TicketTotal    *int64
	Conversion     int64  // in billionths of minor units; 0: none
	Source         string // of the conversion
}

// EntryPosition is a place in a statement: the entry a page ended with. What one transaction recorded stands in the order
// of business days.
type EntryPosition struct {
	Block       int64
	TxIndex     int32
	BusinessDay time.Time
	EntryID     []byte
}

// ReadPointsEntries reads up to limit lines of the actor's statement, newest first, from after the position on. The balance
// after a line is the sum of all lines up to it, so the window comes before the page is cut out of it.
func ReadPointsEntries(ctx context.Context, tx pgx.Tx, actor Actor, after *EntryPosition, limit int) ([]PointsEntry, error) {
	if actor.Role != RoleCustomer {
		return nil, ErrRole
	}
	var page conditions
	member := page.arg(actor.LoyaltyID)
	if after != nil {
		page.add("(block, tx_index, business_day, entry_id) < (?, ?, ?, ?)",
			after.Block, after.TxIndex, after.BusinessDay, after.EntryID)
	}
	rows, err := tx.Query(ctx, `
		select e.entry_id, e.kind, e.points, e.balance_after, e.eligible_amount, e.currency_code, e.rule_version, e.business_day,
		       e.recorded_at, e.block, e.tx_index, e.tx_id, t.transaction_id::text, t.store_id, t.grand_total,
		       e.conversion, e.conversion_source
		from (
			select *
			from (
				select entry_id, kind, points, eligible_amount, currency_code, rule_version, ticket_key, business_day,
				       recorded_at, block, tx_index, tx_id, conversion, conversion_source,
				       sum(points) over (order by block, tx_index, business_day, entry_id)::bigint as balance_after
				from view.points_entries
				where loyalty_id = `+member+`
			) statement
			where `+page.String()+`
			order by block desc, tx_index desc, business_day desc, entry_id desc
			limit `+page.arg(limit)+`
		) e
		left join view.tickets t on t.ticket_key = e.ticket_key and t.loyalty_id = `+member+`
		order by e.block desc, e.tx_index desc, e.business_day desc, e.entry_id desc`, page.args...)
	if err != nil {
		return nil, fmt.Errorf("read the points statement: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[PointsEntry])
	if err != nil {
		return nil, fmt.Errorf("read the points statement: %w", err)
	}
	return entries, nil
}
