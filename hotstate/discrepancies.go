package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A TillGap is a run of numbers that a till left out on a day: perhaps tickets that were never sent.
type TillGap struct {
	StoreID       string    `json:"storeId"`
	WorkstationID string    `json:"workstationId"`
	BusinessDay   time.Time `json:"businessDayDate"`
	SequenceGap
}

// ListGaps gives the newest gaps between numbers of one till and day, at most limit.
func ListGaps(ctx context.Context, db DB, limit int) ([]TillGap, error) {
	rows, err := db.Query(ctx, `
		select store_id, workstation_id, business_day, previous + 1, sequence_number - 1
		from (
			select store_id, workstation_id, business_day, sequence_number,
			       lag(sequence_number) over (partition by store_id, workstation_id, business_day order by sequence_number) as previous
			from book.tickets
		) numbers
		where sequence_number > previous + 1
		order by business_day desc, store_id, workstation_id, sequence_number limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list gaps: %w", err)
	}
	gaps, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g TillGap, err error) {
		err = row.Scan(&g.StoreID, &g.WorkstationID, &g.BusinessDay, &g.From, &g.To)
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("list gaps: %w", err)
	}
	return gaps, nil
}

// An UnrecordedTicket was accepted, and is not on the ledger: on its way, stuck, or refused.
type UnrecordedTicket struct {
	TransactionID  string    `json:"transactionId"`
	StoreID        string    `json:"storeId"`
	WorkstationID  string    `json:"workstationId"`
	BusinessDay    time.Time `json:"businessDayDate"`
	SequenceNumber int64     `json:"sequenceNumber"`
	ReceivedAt     time.Time `json:"receivedAt"`
	Reason         string    `json:"reason,omitempty"` // of a refusal
}

// ListMissing gives tickets that were accepted, not refused, and are not in the view, the oldest first, at most limit.
func ListMissing(ctx context.Context, db DB, limit int) ([]UnrecordedTicket, error) {
	return listUnrecorded(ctx, db, `
		select transaction_id::text, store_id, workstation_id, business_day, sequence_number, received_at, ''
		from book.tickets b
		where state <> 'rejected' and not exists (select from view.tickets v where v.ticket_key = b.ticket_key)
		order by received_at, id limit $1`, limit)
}

// ListConflicts gives refusals for content that the ledger has otherwise, the newest first, at most limit.
func ListConflicts(ctx context.Context, db DB, limit int) ([]UnrecordedTicket, error) {
	return listUnrecorded(ctx, db, `
		select transaction_id::text, store_id, workstation_id, business_day, sequence_number, received_at, reason
		from (
			select transaction_id, store_id, workstation_id, business_day, sequence_number, received_at, reason
			from book.tickets where state = 'rejected'
			union all
			select transaction_id, store_id, workstation_id, business_day, sequence_number, received_at, reason
			from book.refusals
		) refused
		where reason like 'conflict%'
		order by received_at desc, transaction_id limit $1`, limit)
}

func listUnrecorded(ctx context.Context, db DB, query string, limit int) ([]UnrecordedTicket, error) {
	rows, err := db.Query(ctx, query, limit)
	if err != nil {
		return nil, fmt.Errorf("list unrecorded tickets: %w", err)
	}
	tickets, err := pgx.CollectRows(rows, pgx.RowToStructByPos[UnrecordedTicket])
	if err != nil {
		return nil, fmt.Errorf("list unrecorded tickets: %w", err)
	}
	return tickets, nil
}
