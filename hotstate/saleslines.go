package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A SalesLine is one line of a ticket, as the owner of its product sees it: neither the ticket nor anything else of it.
type SalesLine struct {
	TicketKey    []byte
	Number       int64
	RetailerID   string
	ItemID       string
	GTIN         *string
	StoreID      string
	BusinessDay  time.Time
	CurrencyCode string
	Quantity     string // decimal
	Amount       int64
}

// SalesLineQuery narrows a list of lines; what is zero does not narrow.
type SalesLineQuery struct {
	From, To        *time.Time // business days, inclusive
	ItemID, StoreID string
	After           *SalesLinePosition
	Limit           int
}

// SalesLinePosition is a place in a list of lines: the line a page ended with.
type SalesLinePosition struct {
	BusinessDay time.Time
	TicketKey   []byte
	Number      int64
}

// ReadSalesLines lists the manufacturer's own lines, newest trading day first. Lines of a day stand in the order of ticket
// keys, which tells nothing.
func ReadSalesLines(ctx context.Context, tx pgx.Tx, actor Actor, query SalesLineQuery) ([]SalesLine, error) {
	if actor.Role != RoleManufacturer {
		return nil, ErrRole
	}
	var where conditions
	where.own(actor, ownerColumns{manufacturer: "manufacturer_id"})
	if query.From != nil {
		where.add("business_day >= ?", *query.From)
	}
	if query.To != nil {
		where.add("business_day <= ?", *query.To)
	}
	if query.ItemID != "" {
		where.add("item_id = ?", query.ItemID)
	}
	if query.StoreID != "" {
		where.add("store_id = ?", query.StoreID)
	}
	if p := query.After; p != nil {
		where.add("business_day <= ?", p.BusinessDay) // by itself, for the index
		where.add("(business_day, ticket_key, line_number) < (?, ?, ?)", p.BusinessDay, p.TicketKey, p.Number)
	}
	limit := where.arg(query.Limit)
	rows, err := tx.Query(ctx, `
		select ticket_key, line_number, retailer_id, item_id, gtin, store_id, business_day, currency_code,
		       trim_scale(quantity)::text, amount
		from view.lines
		where `+where.String()+`
		order by business_day desc, ticket_key desc, line_number desc
		limit `+limit, where.args...)
	if err != nil {
		return nil, fmt.Errorf("list lines: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SalesLine])
	if err != nil {
		return nil, fmt.Errorf("list lines: %w", err)
	}
	return lines, nil
}

// HasLine makes sure that a line is the manufacturer's own still: products change hands. Without its day, all that the
// manufacturer sold is searched for it.
func HasLine(ctx context.Context, tx pgx.Tx, actor Actor, day *time.Time, ticketKey []byte, number int64) error {
	if actor.Role != RoleManufacturer {
		return ErrRole
	}
	var where conditions
	where.own(actor, ownerColumns{manufacturer: "manufacturer_id"})
	if day != nil {
		where.add("business_day = ?", *day)
	}
	where.add("ticket_key = ?", ticketKey)
	where.add("line_number = ?", number)
	var one int
	err := tx.QueryRow(ctx, "select 1 from view.lines where "+where.String(), where.args...).Scan(&one)
	if err := notFound(err); err != nil {
		return fmt.Errorf("find a line: %w", err)
	}
	return nil
}
