package hotstate

import (
	"context"
	"fmt"
	"math/big"
	"time"
)

// An AnchorDecision says whether the day's budget allowed an anchor, and by which rate that was reckoned.
type AnchorDecision struct {
	ChainID        int64
	Size           int64     // of the log that was to be anchored
	Day            time.Time // its first moment, UTC
	Allowed        bool
	Spent, Most    *big.Int // wei: on that day, and what the anchor may cost
	BudgetMinor    int64
	BudgetCurrency string
	Budget         *big.Int // wei
	RateBillionths int64    // what one ether is worth in the currency
	RateTier       string
	RateSource     string
	RateAt         time.Time
}

// WriteAnchorDecision keeps a decision. As long as the answer is no it is one decision, of which the newest figures are kept.
func WriteAnchorDecision(ctx context.Context, db DB, d AnchorDecision) error {
	_, err := db.Exec(ctx, `
		with latest as (select id, allowed, day from book.anchor_decisions where chain_id = $1 order by id desc limit 1),
		same as (
			update book.anchor_decisions d
			set (at, size, spent_wei, most_wei, budget_minor, budget_currency, budget_wei, rate_billionths, rate_tier, rate_source, rate_at) =
				(clock_timestamp(), $2, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			from latest where d.id = latest.id and not latest.allowed and latest.day = $3 and not $4
			returning d.id)
		insert into book.anchor_decisions (chain_id, size, day, allowed, spent_wei, most_wei, budget_minor, budget_currency,
			budget_wei, rate_billionths, rate_tier, rate_source, rate_at)
		select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 where not exists (select from same)`,
		d.ChainID, d.Size, d.Day, d.Allowed, d.Spent.String(), d.Most.String(), d.BudgetMinor, d.BudgetCurrency,
		d.Budget.String(), d.RateBillionths, d.RateTier, d.RateSource, d.RateAt)
	if err != nil {
		return fmt.Errorf("keep what was decided about the budget: %w", err)
	}
	return nil
}
