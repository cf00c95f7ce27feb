package hotstate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewTicket is a ticket to be accepted.
type NewTicket struct {
	RetailerID     string
	TransactionID  string
	StoreID        string
	WorkstationID  string
	BusinessDay    string // YYYY-MM-DD
	SequenceNumber int64
	TicketKey      []byte // its key on the ledger
	ContentMAC     []byte
	LoyaltyID      string // optional
	PendingPoints  int64
	Seed           []byte   // the root of its salts
	Body           []byte   // canonical bytes
	Undoes         []string // transaction ids of the tickets that it returns from or voids
	Redeems        bool     // it pays in points, or gives them back
}

// insertNewTickets begins a statement that accepts rows with an id each, their columns as ticketColumns has them.
const insertNewTickets = `
	insert into book.tickets (id, retailer_id, transaction_id, store_id, workstation_id, business_day,
		sequence_number, ticket_key, content_mac, loyalty_id, pending_points, received_at, seed, body, undoes, redeems)
	overriding system value
	select id, retailer_id, transaction_id::uuid, store_id, workstation_id, business_day::date,
		sequence_number, ticket_key, content_mac, nullif(loyalty_id, ''), pending_points, received_at, seed, body,
		string_to_array(undoes, ' ')::uuid[], redeems`

// InsertTickets accepts tickets and reports, for each in the order given, whether it was inserted. One that was not has
// its transaction id or its ticket key, which is its store, workstation, day and sequence number, in common with another,
// maybe one of the same call; the first of them wins. It waits for other transactions that insert the same.
//
// Rows are inserted in the order of their ledger keys, so that two uploads of the same tickets in different orders do
// not wait for each other in a circle; their ids keep the order given, which is the order of acceptance.
func InsertTickets(ctx context.Context, tx DB, tickets []NewTicket, receivedAt time.Time) ([]bool, error) {
	c := columnsOf(tickets)
	rows, err := tx.Query(ctx, insertNewTickets+`
		from (
			select nextval('book.tickets_id_seq') as id, $13::timestamptz as received_at, t.*
			from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[],
				$8::bytea[], $9::text[], $10::bigint[], $11::bytea[], $12::bytea[], $14::text[], $15::boolean[]) with ordinality
				as t (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
					content_mac, loyalty_id, pending_points, seed, body, undoes, redeems, place)
		) as numbered
		order by ticket_key, place
		on conflict do nothing
		returning ticket_key, transaction_id::text`,
		c.retailers, c.transactions, c.stores, c.workstations, c.days, c.numbers, c.keys, c.macs, c.members, c.points,
		c.seeds, c.bodies, receivedAt, c.undoes, c.redeems)
	if err != nil {
		return nil, fmt.Errorf("insert tickets: %w", err)
	}
	type identity struct{ key, transaction string }
	fresh := map[identity]bool{}
	var key []byte
	var transaction string
	_, err = pgx.ForEachRow(rows, []any{&key, &transaction}, func() error {
		fresh[identity{string(key), transaction}] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("insert tickets: %w", err)
	}
	inserted := make([]bool, len(tickets))
	for i, ticket := range tickets {
		id := identity{string(ticket.TicketKey), ticket.TransactionID}
		inserted[i] = fresh[id]
		delete(fresh, id) // a second one of the same call was not inserted
	}
	return inserted, nil
}

// ticketColumns is a list of tickets turned by a quarter, as unnest takes it.
type ticketColumns struct {
	retailers, transactions, stores, workstations, days, members []string
	undoes                                                       []string // ids with a space between; unnest has no lists of lists
	numbers, points                                              []int64
	keys, macs, seeds, bodies                                    [][]byte
	redeems                                                      []bool
}

func columnsOf(tickets []NewTicket) (c ticketColumns) {
	for _, ticket := range tickets {
		c.retailers = append(c.retailers, ticket.RetailerID)
		c.transactions = append(c.transactions, ticket.TransactionID)
		c.stores = append(c.stores, ticket.StoreID)
		c.workstations = append(c.workstations, ticket.WorkstationID)
		c.days = append(c.days, ticket.BusinessDay)
		c.numbers = append(c.numbers, ticket.SequenceNumber)
		c.keys = append(c.keys, ticket.TicketKey)
		c.macs = append(c.macs, ticket.ContentMAC)
		c.members = append(c.members, ticket.LoyaltyID)
		c.points = append(c.points, ticket.PendingPoints)
		c.seeds = append(c.seeds, ticket.Seed)
		c.bodies = append(c.bodies, ticket.Body)
		c.undoes = append(c.undoes, strings.Join(ticket.Undoes, " "))
		c.redeems = append(c.redeems, ticket.Redeems)
	}
	return c
}

// HeldTicket is a ticket that stands in the way of a new one.
type HeldTicket struct {
	Place         int // index of the new ticket
	ID            int64
	SameID        bool // it has the transaction id of the new one; else it has its sequence number
	TransactionID string
	ContentMAC    []byte
	Rejected      bool // the ledger refused it, so that a mended one may take its place
	Erased        bool // its member was forgotten: ContentMAC is that of the trade part
	PendingPoints int64
	ReceivedAt    time.Time
}

// TicketsInTheWay finds, for tickets that could not be inserted, those that have their transaction id or their number.
func TicketsInTheWay(ctx context.Context, tx DB, tickets []NewTicket) ([]HeldTicket, error) {
	c := columnsOf(tickets)
	// Two lookups, each with an index of its own, where one with "or" would have none. And no join (offset 0), for which a
	// plan might read all tickets.
	rows, err := tx.Query(ctx, `
		select w.place - 1, t.id, t.same_id, t.transaction_id::text, t.content_mac, t.state = 'rejected', t.erased,
			t.pending_points, t.received_at
		from unnest($1::text[], $2::text[], $3::bytea[]) with ordinality as w (retailer_id, transaction_id, ticket_key, place),
			lateral (
				select *, true as same_id from book.tickets i
				where i.transaction_id = w.transaction_id::uuid and i.retailer_id = w.retailer_id
				union all
				select *, false from book.tickets k where k.ticket_key = w.ticket_key
				offset 0) as t
		order by w.place, t.same_id desc`,
		c.retailers, c.transactions, c.keys)
	if err != nil {
		return nil, fmt.Errorf("find tickets in the way: %w", err)
	}
	held, err := pgx.CollectRows(rows, pgx.RowToStructByPos[HeldTicket])
	if err != nil {
		return nil, fmt.Errorf("find tickets in the way: %w", err)
	}
	return held, nil
}

// RetireRejected moves rejected tickets to the refusals, so that mended ones can take their place.
func RetireRejected(ctx context.Context, tx DB, ids []int64) error {
	_, err := tx.Exec(ctx, `
		with retired as (
			delete from book.tickets where id = any($1) and state = 'rejected' returning *
		)
		insert into book.refusals (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			content_mac, reason, received_at)
		select retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			content_mac, reason, received_at
		from retired`, ids)
	if err != nil {
		return fmt.Errorf("retire rejected tickets: %w", err)
	}
	return nil
}

// TicketStatus is how far a ticket has come.
type TicketStatus struct {
	RetailerID string
	StoreID    string
	State      string // accepted, recorded or rejected
	Reason     string // of a rejection
	Flags      string // letters, see ledger.Flag
	TxID       string // of the ledger, once recorded
	Block      int64
}

// TicketsByTransactionID gives the tickets with a transaction id, at most one of each retailer, the newest first.
func TicketsByTransactionID(ctx context.Context, db DB, transactionID string) ([]TicketStatus, error) {
	rows, err := db.Query(ctx, `
		select retailer_id, store_id, state, coalesce(reason, ''), flags, coalesce(tx_id, ''), coalesce(block, 0)
		from book.tickets where transaction_id = $1::uuid order by id desc`, transactionID)
	if err != nil {
		return nil, fmt.Errorf("find ticket: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TicketStatus])
}
