package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// insertEntries writes a block's movements of points and brings the balances forward.
func insertEntries(ctx context.Context, tx pgx.Tx, p Projection) error {
	if len(p.Entries) == 0 {
		return nil
	}
	err := copyRows(ctx, tx, "points_entries",
		[]string{"entry_id", "account", "loyalty_id", "kind", "points", "eligible_amount", "currency_code", "rule_version",
			"ticket_key", "business_day", "block", "tx_index", "tx_id", "recorded_at"},
		pgx.CopyFromSlice(len(p.Entries), func(i int) ([]any, error) {
			e := &p.Entries[i]
			day, err := time.Parse(time.DateOnly, e.BusinessDay)
			var ticket []byte
			if e.TicketKey != nil {
				ticket = e.TicketKey[:]
			}
			return []any{e.ID[:], e.Account[:], e.LoyaltyID, e.Kind, e.Points, e.EligibleAmount, e.CurrencyCode,
				int64(e.RuleVersion), ticket, day, int64(p.Block), e.TxIndex, e.TxID, e.RecordedAt}, err
		}))
	if err != nil {
		return fmt.Errorf("insert points entries: %w", err)
	}
	members, moved := balancesOf(p.Entries)
	_, err = tx.Exec(ctx, `
		insert into view.points_balances as b (loyalty_id, available)
		select * from unnest($1::text[], $2::bigint[])
		on conflict (loyalty_id) do update set available = b.available + excluded.available`, members, moved)
	if err != nil {
		return fmt.Errorf("bring balances forward: %w", err)
	}
	return nil
}

func balancesOf(entries []ProjectedEntry) (members []string, moved []int64) {
	sums := make(map[string]int64)
	for i := range entries {
		if member := entries[i].LoyaltyID; member != nil {
			sums[*member] += entries[i].Points
		}
	}
	for member, points := range sums {
		members, moved = append(members, member), append(moved, points)
	}
	return members, moved
}
