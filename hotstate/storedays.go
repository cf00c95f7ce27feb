package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A StoreDay is one till's trading day.
type StoreDay struct {
	Day           time.Time
	WorkstationID string // empty: what no till is known of
	Recorded      int64
	Accepted      int64 // not recorded yet
	Rejected      int64
	First, Last   *int64 // sequence numbers; nil: it sent no ticket
	Gaps          []SequenceGap
	Missing       int64 // numbers in all gaps
	Totals        []TillTotal
	PointsAwarded int64
	PointsTaken   int64 // back, for returns; positive
	Redemptions   int64 // holds that were captured
	PointsSpent   int64 // with them
}

// A SequenceGap is a run of numbers that the till gave out, for all that is known, and that nobody has sent.
type SequenceGap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// A TillTotal is what recorded tickets come to in one currency, in minor units.
type TillTotal struct {
	CurrencyCode   string `json:"currencyCode"`
	AmountSold     int64  `json:"amountSold"`
	AmountReturned int64  `json:"amountReturned"` // positive
	AmountNet      int64  `json:"amountNet"`
	Tickets        int64  `json:"tickets"`
}

// StoreDayQuery is a range of a store's days.
type StoreDayQuery struct {
	StoreID  string
	From, To time.Time // inclusive
	After    *StoreDayPosition
	Limit    int
}

// StoreDayPosition is the till's day that a page ended with.
type StoreDayPosition struct {
	Day           time.Time
	WorkstationID string
}

// NewestDay is the last trading day of a store, zero if it has none. A store that is not the actor's is not found.
func NewestDay(ctx context.Context, tx pgx.Tx, actor Actor, storeID string) (time.Time, error) {
	if actor.Role != RoleStore && actor.Role != RoleAdmin {
		return time.Time{}, ErrRole
	}
	var own conditions
	own.own(actor, ownerColumns{retailer: "retailer_id", store: "store_id"})
	own.add("store_id = ?", storeID)
	var day *time.Time
	err := tx.QueryRow(ctx, `
		select greatest((select max(business_day) from view.tickets t where t.store_id = s.store_id),
		                (select max(business_day) from book.tickets t where t.store_id = s.store_id and t.state <> 'recorded'),
		                (select max(business_day) from view.redemptions t where t.store_id = s.store_id))
		from (select store_id, retailer_id from book.stores) s
		where `+own.String(), own.args...).Scan(&day)
	if err := notFound(err); err != nil {
		return time.Time{}, fmt.Errorf("find a store's days: %w", err)
	}
	if day == nil {
		return time.Time{}, nil
	}
	return *day, nil
}

// ReadStoreDays lists a store's days, newest first and till by till. A till's numbers go up; where one is left out, also
// from one day to the next, there is a gap. Where they fall, the till was reset or its counter wrapped.
func ReadStoreDays(ctx context.Context, tx pgx.Tx, actor Actor, query StoreDayQuery) ([]StoreDay, error) {
	if actor.Role != RoleStore && actor.Role != RoleAdmin {
		return nil, ErrRole
	}
	var own conditions
	own.own(actor, ownerColumns{retailer: "retailer_id", store: "store_id"})
	own.add("store_id = ?", query.StoreID)
	where := own.String()
	page := conditions{args: own.args}
	from, to := page.arg(query.From), page.arg(query.To)
	if p := query.After; p != nil {
		page.add("(business_day < ? or business_day = ? and workstation_id > ?)", p.Day, p.Day, p.WorkstationID)
	}
	rows, err := tx.Query(ctx, `
		with sent as (
			select workstation_id, business_day, sequence_number, 'recorded' as state, currency_code, grand_total, points
			from view.tickets where `+where+` and business_day between `+from+` and `+to+`
			union all
			select workstation_id, business_day, sequence_number, state, null, null, 0
			from book.tickets where `+where+` and business_day between `+from+` and `+to+` and state <> 'recorded'
		), before as (
			select t.workstation_id, b.business_day, b.sequence_number
			from (select distinct workstation_id from sent) t,
			     lateral (select business_day, sequence_number from view.tickets
			              where `+where+` and workstation_id = t.workstation_id and business_day < `+from+`
			              order by business_day desc, sequence_number desc limit 1) b
		), steps as (
			select workstation_id, business_day, sequence_number,
			       lag(sequence_number) over (partition by workstation_id order by business_day, sequence_number) as previous
			from (select workstation_id, business_day, sequence_number from sent
			      union select workstation_id, business_day, sequence_number from before) numbers
		), gaps as (
			select workstation_id, business_day, sum(sequence_number - previous - 1)::bigint as missing,
			       (array_agg(json_build_object('from', previous + 1, 'to', sequence_number - 1) order by sequence_number))[1:100] as runs
			from steps where sequence_number > previous + 1
			group by workstation_id, business_day
		), totals as (
			select workstation_id, business_day, json_agg(json_build_object('currencyCode', currency_code, 'amountSold', sold,
			       'amountReturned', returned, 'amountNet', sold - returned, 'tickets', tickets) order by currency_code) as totals
			from (select workstation_id, business_day, currency_code, count(*) as tickets,
			             coalesce(sum(grand_total) filter (where grand_total > 0), 0)::bigint as sold,
			             coalesce(-sum(grand_total) filter (where grand_total < 0), 0)::bigint as returned
			      from sent where state = 'recorded' group by 1, 2, 3) t
			group by workstation_id, business_day
		), days as (
			select workstation_id, business_day, count(*) filter (where state = 'recorded') as recorded,
			       count(*) filter (where state = 'accepted') as accepted, count(*) filter (where state = 'rejected') as rejected,
			       min(sequence_number) as first, max(sequence_number) as last,
			       coalesce(sum(points) filter (where points > 0), 0)::bigint as awarded,
			       coalesce(-sum(points) filter (where points < 0), 0)::bigint as taken
			from sent group by workstation_id, business_day
		), spent as (
			select workstation_id, business_day, count(*) as redemptions, sum(points)::bigint as points
			from view.redemptions where `+where+` and business_day between `+from+` and `+to+`
			group by workstation_id, business_day
		)
		select business_day, workstation_id, coalesce(recorded, 0), coalesce(accepted, 0), coalesce(rejected, 0), first, last,
		       coalesce(array_to_json(runs), '[]')::json, coalesce(missing, 0), coalesce(totals, '[]')::json,
		       coalesce(awarded, 0), coalesce(taken, 0), coalesce(redemptions, 0), coalesce(spent.points, 0)
		from days full join spent using (workstation_id, business_day)
		left join gaps using (workstation_id, business_day) left join totals using (workstation_id, business_day)
		where `+page.String()+`
		order by business_day desc, workstation_id
		limit `+page.arg(query.Limit), page.args...)
	if err != nil {
		return nil, fmt.Errorf("read a store's days: %w", err)
	}
	days, err := pgx.CollectRows(rows, pgx.RowToStructByPos[StoreDay])
	if err != nil {
		return nil, fmt.Errorf("read a store's days: %w", err)
	}
	return days, nil
}
