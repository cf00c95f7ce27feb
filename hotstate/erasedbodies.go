package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// GatherTickets notes which recorded tickets are the member's. The book names them as well as the view, which may be in the
// middle of being made again, and can no longer name them once the key is destroyed.
func GatherTickets(ctx context.Context, db DB, e Erasure) error {
	_, err := db.Exec(ctx, `
		with found as (
			insert into book.erasure_tickets (erasure_id, ticket_key)
			select $1::uuid, ticket_key from view.tickets where loyalty_id = $2
			union
			select $1::uuid, ticket_key from book.tickets where loyalty_id = $2 and state = 'recorded'
			on conflict do nothing
			returning ticket_key
		)
		update book.erasures set tickets = tickets + (select count(*) from found) where erasure_id = $1::uuid`, e.ID, e.LoyaltyID)
	if err != nil {
		return fmt.Errorf("gather the tickets of an erasure: %w", err)
	}
	return nil
}

// TicketsToEmpty gives up to limit of an erasure's tickets whose bodies on the ledger may still have a person part.
func TicketsToEmpty(ctx context.Context, db DB, id string, limit int) ([][32]byte, error) {
	rows, err := db.Query(ctx, `
		select ticket_key from book.erasure_tickets where erasure_id = $1 and not emptied order by ticket_key limit $2`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of an erasure: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([32]byte, error) {
		var key []byte
		if err := row.Scan(&key); err != nil {
			return [32]byte{}, err
		}
		return [32]byte(key), nil
	})
}

// MarkEmptied notes that bodies on the ledger have no person part any more.
func MarkEmptied(ctx context.Context, db DB, id string, keys [][]byte) error {
	_, err := db.Exec(ctx, `
		with marked as (
			update book.erasure_tickets set emptied = true
			where erasure_id = $1 and ticket_key = any ($2) and not emptied
			returning ticket_key
		)
		update book.erasures set emptied = emptied + (select count(*) from marked) where erasure_id = $1`, id, keys)
	if err != nil {
		return fmt.Errorf("note the emptied tickets of an erasure: %w", err)
	}
	return nil
}
