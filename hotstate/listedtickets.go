package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The states of a ticket, as a till and a customer know them.
const (
	StatusAccepted = "accepted"
	StatusRecorded = "recorded"
	StatusRejected = "rejected"
)

// A ListedTicket is one ticket of a list: what is needed to find the one that is meant.
type ListedTicket struct {
	RetailerID      string
	TransactionID   string
	StoreID         string
	WorkstationID   string
	BusinessDay     time.Time
	SequenceNumber  int64
	Status          string
	TransactionType *string // these four are unknown of a rejected ticket whose body is gone
	EndDateTime     *string
	CurrencyCode    *string
	GrandTotal      *int64
	Points          int64 // pending while the ticket is accepted
	Reason          *string
	RecordedAt      *time.Time
}

// TicketQuery narrows a list of tickets; what is zero does not narrow.
type TicketQuery struct {
	From, To      *time.Time // business days, inclusive
	StoreID       string
	WorkstationID string
	Status        string
	After         *TicketPosition
	Limit         int
}

// TicketPosition is a place in a list of tickets: the ticket a page ended with.
type TicketPosition struct {
	BusinessDay    time.Time
	SequenceNumber int64
	WorkstationID  string
	StoreID        string
}

// ReadTickets lists the actor's tickets, newest trading day first: from view what is recorded, from book what is not.
// The projector moves a ticket from one to the other in one commit, so that in any snapshot it is in exactly one.
func ReadTickets(ctx context.Context, tx pgx.Tx, actor Actor, query TicketQuery) ([]ListedTicket, error) {
	if actor.Role != RoleCustomer && actor.Role != RoleStore {
		return nil, ErrRole
	}
	sql, args := ticketListSQL(actor, query)
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	tickets, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListedTicket])
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	return tickets, nil
}

// where narrows to what was asked for.
func (q TicketQuery) where(c *conditions) {
	if q.From != nil {
		c.add("business_day >= ?", *q.From)
	}
	if q.To != nil {
		c.add("business_day <= ?", *q.To)
	}
	if q.StoreID != "" {
		c.add("store_id = ?", q.StoreID)
	}
	if q.WorkstationID != "" {
		c.add("workstation_id = ?", q.WorkstationID)
	}
	if p := q.After; p != nil {
		c.add("(business_day, sequence_number, workstation_id, store_id) < (?, ?, ?, ?)",
			p.BusinessDay, p.SequenceNumber, p.WorkstationID, p.StoreID)
	}
}

const newestFirst = " order by business_day desc, sequence_number desc, workstation_id desc, store_id desc limit "

// ticketListSQL cuts the page out of each half before their union, so that each half walks its index and no more bodies
// are opened than the page has rows, and each once (which offset 0 is for). Why a ticket was refused is for its store.
func ticketListSQL(actor Actor, query TicketQuery) (sql string, args []any) {
	var where conditions
	limit := where.arg(query.Limit)
	page := pageOf(&where, actor, query.Limit, limit)
	query.where(&where)
	reason := "null::text"
	if actor.Role == RoleStore {
		reason = "reason"
	}
	status := where.arg(query.Status)
	recorded := page(`retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			       transaction_type, ended_at, currency_code, grand_total, points, recorded_at`,
		`view.tickets where `+status+` in ('', 'recorded') and `+where.String())
	open := page(`retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			       state, pending_points, `+reason+` as reason, body`,
		`book.tickets where state <> 'recorded' and `+status+` in ('', state) and `+where.String())
	return `
		with recorded as (` + recorded + `
		), open as (` + open + `
		)
		select retailer_id, transaction_id::text, store_id, workstation_id, business_day, sequence_number, 'recorded' as status,
		       transaction_type, to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), currency_code, grand_total,
		       points, null::text, recorded_at
		from recorded
		union all
		select retailer_id, transaction_id::text, store_id, workstation_id, business_day, sequence_number, state,
		       ticket->>'transactionType', ticket->>'endDateTime', ticket->>'currencyCode', (ticket#>>'{totals,grand}')::bigint,
		       case state when 'accepted' then pending_points else 0 end, reason, null
		from open, lateral (select convert_from(body, 'UTF8')::jsonb as ticket offset 0) as opened` + newestFirst + limit, where.args
}

// A TicketDocument is one ticket with all that its reader may see.
type TicketDocument struct {
	RetailerID string
	Status     string
	Points     int64
	Reason     *string
	ReceivedAt *time.Time
	RecordedAt *time.Time
	Block      *int64
	TxID       *string
	Trade      []byte // the canonical ticket, whole or without its person part; nil of a rejected one
	Person     []byte // the rest, nil if it is in Trade or erased
}

// ReadTicket reads one of the actor's tickets by its transaction id. Another's is not found.
func ReadTicket(ctx context.Context, tx pgx.Tx, actor Actor, transactionID string) (TicketDocument, error) {
	if actor.Role != RoleCustomer && actor.Role != RoleStore {
		return TicketDocument{}, ErrRole
	}
	var where conditions
	where.add("transaction_id = ?", transactionID)
	where.own(actor, ownerColumns{member: "loyalty_id", retailer: "retailer_id", store: "store_id"})
	reason := "null::text"
	if actor.Role == RoleStore {
		reason = "reason"
	}
	// A transaction id is unique per retailer only; a member of two retailers gets the newer of two namesakes.
	rows, err := tx.Query(ctx, `
		select retailer_id, 'recorded', points, null::text, null::timestamptz, recorded_at, block, tx_id, trade, person
		from view.tickets
		where `+where.String()+`
		union all
		select retailer_id, state, case state when 'accepted' then pending_points else 0 end, `+reason+`, received_at, null, null, null,
		       body, null
		from book.tickets
		where state <> 'recorded' and `+where.String()+`
		order by recorded_at desc nulls last
		limit 1`, where.args...)
	if err != nil {
		return TicketDocument{}, fmt.Errorf("read a ticket: %w", err)
	}
	document, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[TicketDocument])
	if errors.Is(err, pgx.ErrNoRows) {
		return TicketDocument{}, ErrNotFound
	}
	if err != nil {
		return TicketDocument{}, fmt.Errorf("read a ticket: %w", err)
	}
	return document, nil
}
