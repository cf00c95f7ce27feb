package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// keepRedemptions notes what was paid with points, and where: by the ticket that captured the hold, or, where the store
// captured it by itself, by who asked for it. Its day is then the store's, as its clock had it.
func (c *AccountChange) keepRedemptions(ctx context.Context, tx pgx.Tx, block uint64) error {
	var batch pgx.Batch
	for i := range c.Holds {
		hold := &c.Holds[i]
		if hold.State != stateCaptured || hold.Captured == 0 {
			continue
		}
		var ticket []byte
		if hold.TicketKey != nil {
			ticket = hold.TicketKey[:]
		}
		batch.Queue(`
			insert into view.redemptions (hold_id, retailer_id, store_id, workstation_id, business_day, points, block)
			select $1::uuid, retailer_id, store_id, workstation_id, business_day, $3::bigint, $4::bigint
			from view.tickets where ticket_key = $2::bytea
			union all
			select $1::uuid, s.retailer_id, s.store_id, '', ($5::timestamptz at time zone s.time_zone)::date, $3::bigint, $4::bigint
			from book.redemptions r join book.stores s using (store_id)
			where $2::bytea is null and r.redemption_id = $1::uuid
			on conflict (hold_id) do nothing`,
			hold.ID, ticket, hold.Captured, int64(block), c.RecordedAt)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("keep redemptions: %w", err)
	}
	return nil
}
