package hotstate

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// readSalesRows reads rows of the columns of salesSQL. They come as text, whatever their type: PostgreSQL writes an exact
// number as text no slower, and nothing is made of it but the number.
func readSalesRows(ctx context.Context, tx pgx.Tx, query SalesQuery, sql string, args ...any) ([]SalesRow, error) {
	answer, err := tx.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, args...)...)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	rows := make([]SalesRow, 0, salesBatch)
	decoder := salesDecoder{query: query}
	for answer.Next() {
		row, err := decoder.row(answer.RawValues())
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, answer.Err()
}

// A salesDecoder turns columns into rows. What stands in the row before, as the day mostly does, is not made again.
type salesDecoder struct {
	query SalesQuery
	last  SalesKey
	day   int64 // that last.Period is
	err   error // the first
}

func (d *salesDecoder) row(columns [][]byte) (SalesRow, error) {
	next := func() []byte {
		column := columns[0]
		columns = columns[1:]
		return column
	}
	d.last.CurrencyCode = same(d.last.CurrencyCode, next())
	row := SalesRow{
		UnitsSold: d.decimal(next()), UnitsReturned: d.decimal(next()), AmountSold: d.decimal(next()), AmountReturned: d.decimal(next()),
		Lines: d.integer(next()), Tickets: d.integer(next()),
	}
	if d.query.ByProduct {
		d.last.RetailerID, d.last.ItemID = same(d.last.RetailerID, next()), same(d.last.ItemID, next())
	}
	if d.query.ByStore {
		d.last.StoreID = same(d.last.StoreID, next())
	} else {
		stores := d.integer(next())
		row.Stores = &stores
	}
	if d.query.Period != NoPeriod {
		d.period(next())
	}
	row.SalesKey = d.last
	return row, d.err
}

func same(last string, text []byte) string {
	if last == string(text) {
		return last
	}
	return string(text)
}

// firstDay is what days are counted from: as text they depend on the server's settings.
var firstDay = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (d *salesDecoder) period(text []byte) {
	if day := d.integer(text); d.day != day || d.last.Period.IsZero() {
		d.day, d.last.Period = day, firstDay.AddDate(0, 0, int(day))
	}
}

func (d *salesDecoder) decimal(text []byte) Decimal {
	number, err := readDecimal(text)
	d.fail(err)
	return number
}

func (d *salesDecoder) integer(text []byte) int64 {
	number, err := strconv.ParseInt(string(text), 10, 64)
	d.fail(err)
	return number
}

func (d *salesDecoder) fail(err error) {
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("read a row: %w", err)
	}
}
