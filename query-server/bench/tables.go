package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// A table is copied into from blocks.
type table struct {
	schema, name string
	columns      string
	rows         func(hotstate.Projection) [][]any
}

func (t table) copy(ctx context.Context, conn *pgx.Conn, blocks []hotstate.Projection) error {
	var rows [][]any
	for _, block := range blocks {
		rows = append(rows, t.rows(block)...)
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{t.schema, t.name}, strings.Fields(t.columns), pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("copy %s: %w", t.name, err)
	}
	return nil
}

var ticketTable = table{"view", "tickets", `ticket_key retailer_id transaction_id transaction_type store_id workstation_id
	business_day sequence_number ended_at currency_code grand_total loyalty_id points commitment rule_version trade person block
	tx_index tx_id recorded_at`,
	func(p hotstate.Projection) (rows [][]any) {
		for i := range p.Tickets {
			t := &p.Tickets[i]
			rows = append(rows, []any{t.Key[:], t.RetailerID, t.TransactionID, t.TransactionType, t.StoreID, t.WorkstationID,
				date(t.BusinessDay), t.SequenceNumber, t.EndedAt, t.CurrencyCode, t.GrandTotal, t.LoyaltyID, t.Points, t.Commitment[:],
				int64(t.RuleVersion), t.Trade, t.Person, int64(p.Block), t.TxIndex, t.TxID, t.RecordedAt})
		}
		return rows
	}}

var lineTable = table{"view", "lines", `ticket_key line_number retailer_id manufacturer_id item_id store_id business_day
	currency_code quantity amount block`,
	func(p hotstate.Projection) (rows [][]any) {
		for i := range p.Tickets {
			t := &p.Tickets[i]
			day := date(t.BusinessDay)
			for _, l := range t.Lines {
				rows = append(rows, []any{t.Key[:], l.Number, t.RetailerID, manufacturerID(makerOf(l.ItemID)), l.ItemID, t.StoreID, day,
					t.CurrencyCode, ticket.Quantity(l.Quantity).String(), l.Amount, int64(p.Block)})
			}
		}
		return rows
	}}

var entryTable = table{"view", "points_entries", `entry_id account loyalty_id kind points eligible_amount currency_code
	rule_version ticket_key business_day block tx_index tx_id recorded_at`,
	func(p hotstate.Projection) (rows [][]any) {
		for i := range p.Entries {
			e := &p.Entries[i]
			rows = append(rows, []any{e.ID[:], e.Account[:], e.LoyaltyID, e.Kind, e.Points, e.EligibleAmount, e.CurrencyCode,
				int64(e.RuleVersion), e.TicketKey[:], date(e.BusinessDay), int64(p.Block), e.TxIndex, e.TxID, e.RecordedAt})
		}
		return rows
	}}

func date(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err) // of our own making
	}
	return t
}

// indexes are statements that make again what was put aside.
type indexes []string

// putAside drops the keys and indexes of the tables that grow: to build one at the end is quicker than to keep it all the
// while, and leaves the same.
func putAside(ctx context.Context, conn *pgx.Conn) (again indexes, err error) {
	rows, err := conn.Query(ctx, `
		with grown as (
			select unnest(array['view.tickets', 'view.lines', 'view.sales_by_day', 'view.sales_by_month', 'view.sales_by_store_day',
				'view.points_entries', 'book.tickets']::regclass[]) as oid
		)
		select format('alter table %s drop constraint %I', conrelid::regclass, conname),
		       format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
		from pg_constraint c join grown on conrelid = grown.oid where contype in ('p', 'u')
		union all
		select format('drop index %s', indexrelid::regclass),
		       replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') -- of a table in parts: each part is to have it
		from pg_index i join grown on indrelid = grown.oid
		where not exists (select from pg_constraint where conindid = indexrelid)`)
	if err != nil {
		return nil, err
	}
	type pair struct{ Drop, Make string }
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pair])
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if _, err := conn.Exec(ctx, p.Drop); err != nil {
			return nil, err
		}
		again = append(again, p.Make)
	}
	return again, nil
}

func (i indexes) putBack(ctx context.Context, conn *pgx.Conn) error {
	for _, statement := range i {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
