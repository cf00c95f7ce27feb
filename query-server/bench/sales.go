package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// Sales is one of a manufacturer's questions: a page of the list, all of it as CSV, and the same sums made of the lines.
type Sales struct {
	Rows  int       `json:"rows"` // of the whole answer
	Page  Quantiles `json:"page"` // of the list, 100 rows
	Whole Quantiles `json:"wholeCSV"`
	Lines Quantiles `json:"fromLines"` // by one statement of the owner, without HTTP, roles or names
	// What the lines take for what the whole answer and a page take, by their medians.
	Ratio     float64 `json:"ratio"`
	PageRatio float64 `json:"pageRatio"`
}

// A salesQuestion is asked of the server and of the lines.
type salesQuestion struct {
	groupBy  string
	from, to func(i int) time.Time
	lines    string // parameters: the manufacturer, from, to
}

// sumsOfLines are what an answer tells, from the lines themselves.
const sumsOfLines = `
	coalesce(sum(quantity) filter (where quantity > 0), 0), coalesce(-sum(quantity) filter (where quantity < 0), 0),
	coalesce(sum(amount) filter (where quantity > 0), 0), coalesce(-sum(amount) filter (where quantity < 0), 0),
	count(*), count(distinct ticket_key)
	from view.lines where manufacturer_id = $1 and business_day between $2 and $3`

var (
	// yearByStoreAndMonth is a year of one manufacturer's sales.
	yearByStoreAndMonth = salesQuestion{
		groupBy: "store,month",
		from:    func(int) time.Time { return firstDay }, to: func(int) time.Time { return lastDay },
		lines: `select date_trunc('month', business_day)::date, store_id, currency_code, ` + sumsOfLines + ` group by 1, 2, 3 order by 1, 2, 3`,
	}
	// monthByProductStoreAndDay is a month in all detail.
	monthByProductStoreAndDay = salesQuestion{
		groupBy: "product,store,day",
		from:    func(i int) time.Time { return firstDay.AddDate(0, i%12, 0) }, to: func(i int) time.Time { return firstDay.AddDate(0, i%12+1, -1) },
		lines: `select business_day, retailer_id, item_id, store_id, currency_code, ` + sumsOfLines + ` group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
	}
	firstDay = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = firstDay.AddDate(0, 0, daysOfYear-1)
)

// sales asks as one manufacturer after the other, each time another and so never twice the same.
func (s *server) sales(ctx context.Context, owner *pgxpool.Pool, q salesQuestion, n int) (result Sales, err error) {
	bearers := make([]string, manufacturers)
	for i := range bearers {
		if bearers[i], err = s.bearer(manufacturerID(i), hotstate.Actor{Role: hotstate.RoleManufacturer, ManufacturerID: manufacturerID(i)}); err != nil {
			return result, err
		}
	}
	path := func(i int) question {
		return question{fmt.Sprintf("/v1/sales?groupBy=%s&from=%s&to=%s", q.groupBy, q.from(i).Format(time.DateOnly), q.to(i).Format(time.DateOnly)), bearers[i%manufacturers]}
	}
	result.Page, err = oneByOne(n, func(i int) error {
		_, err := s.ask(ctx, path(i))
		return err
	})
	if err != nil {
		return result, err
	}
	result.Whole, err = oneByOne(n, func(i int) error {
		whole := path(i)
		whole.path += "&format=csv"
		_, err := s.ask(ctx, whole)
		return err
	})
	if err != nil {
		return result, err
	}
	rows := 0
	result.Lines, err = oneByOne(n, func(i int) error {
		read, err := readAll(ctx, owner, q.lines, manufacturerID(i%manufacturers), q.from(i), q.to(i))
		rows += read
		return err
	})
	result.Rows = rows / (n + warmUp)
	result.Ratio, result.PageRatio = result.Lines.P50/result.Whole.P50, result.Lines.P50/result.Page.P50
	return result, err
}

// readAll takes every row, without looking at it.
func readAll(ctx context.Context, pool *pgxpool.Pool, sql string, args ...any) (rows int, err error) {
	answer, err := pool.Query(ctx, sql, args...)
	if err != nil {
		return 0, fmt.Errorf("sum the lines: %w", err)
	}
	_, err = pgx.CollectRows(answer, func(pgx.CollectableRow) (struct{}, error) {
		rows++
		return struct{}{}, nil
	})
	return rows, err
}
