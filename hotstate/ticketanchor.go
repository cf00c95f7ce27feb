package hotstate

import "context"

// AnchorOfTicket gives the first final anchor whose root covers a recorded ticket; or ErrNotFound.
func AnchorOfTicket(ctx context.Context, db DB, retailerID, transactionID string) (Anchor, error) {
	return oneAnchor(ctx, db, `
		where final and size > (select l.log_index from view.log_entries l join view.tickets t using (ticket_key)
		                        where t.transaction_id = $2::uuid and t.retailer_id = $1)
		order by size limit 1`, retailerID, transactionID)
}
