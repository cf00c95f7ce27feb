package hotstate

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// A soldCell adds up the lines of a block that fall into one cell of a roll-up. A line counts as sold or returned by its
// quantity's sign. Sums have no largest value: a thousand lines at the largest amount a ticket may hold pass 64 bits.
type soldCell struct {
	of             *soldLine // any of its lines: the cell's key can be read from it
	sold, returned soldSums
	lines, tickets int64
	last           *ProjectedTicket
}

// soldSums are of quantities in thousandths and of amounts in minor units, both without sign.
type soldSums struct {
	lines         int64
	units, amount big.Int
}

// add counts a line. The lines of a ticket come one after the other.
func (c *soldCell) add(line *soldLine) {
	if line.Quantity > 0 {
		c.sold.add(line.Quantity, line.Amount)
	} else {
		c.returned.add(-line.Quantity, -line.Amount)
	}
	c.lines++
	if c.last != line.ticket {
		c.tickets++
		c.last = line.ticket
	}
}

func (s *soldSums) add(thousandths, amount int64) {
	var term big.Int
	s.lines++
	s.units.Add(&s.units, term.SetInt64(thousandths))
	s.amount.Add(&s.amount, term.SetInt64(amount))
}

func (s *soldSums) numericUnits() pgtype.Numeric {
	if s.lines == 0 {
		return pgtype.Numeric{Int: &s.units, Valid: true}
	}
	return pgtype.Numeric{Int: &s.units, Exp: -3, Valid: true}
}

func (s *soldSums) numericAmount() pgtype.Numeric { return pgtype.Numeric{Int: &s.amount, Valid: true} }

// cells adds lines up by a key.
func cells[K comparable](lines []soldLine, key func(*soldLine) K) []*soldCell {
	byKey := make(map[K]*soldCell)
	var all []*soldCell
	for i := range lines {
		line := &lines[i]
		k := key(line)
		cell, there := byKey[k]
		if !there {
			cell = &soldCell{of: line}
			byKey[k], all = cell, append(all, cell)
		}
		cell.add(line)
	}
	return all
}

// The keys of the roll-ups' cells. A store has one retailer, and a product one number there.
type (
	dayKey      struct{ owner, retailer, item, store, day, currency string }
	monthKey    struct{ owner, store, month, currency string }
	storeDayKey struct{ retailer, store, day, currency string }
)

// addSales adds a block's lines to the roll-ups. All lines of a ticket are in one block, so counts of distinct tickets
// may be added up. They are added up here and not by the database, which has more to do.
func addSales(ctx context.Context, tx pgx.Tx, block uint64, lines []soldLine) error {
	if len(lines) == 0 {
		return nil
	}
	byDay := cells(lines, func(l *soldLine) dayKey {
		return dayKey{l.owner, l.seller, l.ItemID, l.ticket.StoreID, l.ticket.BusinessDay, l.ticket.CurrencyCode}
	})
	byMonth := cells(lines, func(l *soldLine) monthKey {
		return monthKey{l.owner, l.ticket.StoreID, l.ticket.BusinessDay[:len("2006-01")], l.ticket.CurrencyCode}
	})
	byStoreDay := cells(lines, func(l *soldLine) storeDayKey {
		return storeDayKey{l.seller, l.ticket.StoreID, l.ticket.BusinessDay, l.ticket.CurrencyCode}
	})
	for _, rollUp := range []struct {
		statement string
		cells     []*soldCell
	}{
		{`insert into view.sales_by_day as cell (manufacturer_id, retailer_id, item_id, store_id, day, currency_code, ` + sumColumns + `)
			select manufacturer_id, retailer_id, item_id, store_id, day, currency_code, ` + sumColumns + ` from ` + givenCells + `
			on conflict (manufacturer_id, day, retailer_id, item_id, store_id, currency_code)` + add, byDay},
		{`insert into view.sales_by_month as cell (manufacturer_id, store_id, month, currency_code, ` + sumColumns + `)
			select manufacturer_id, store_id, date_trunc('month', day)::date, currency_code, ` + sumColumns + ` from ` + givenCells + `
			on conflict (manufacturer_id, month, store_id, currency_code)` + add, byMonth},
		{`insert into view.sales_by_store_day as cell (retailer_id, store_id, day, currency_code, ` + sumColumns + `)
			select retailer_id, store_id, day, currency_code, ` + sumColumns + ` from ` + givenCells + `
			on conflict (store_id, day, retailer_id, currency_code)` + add, byStoreDay},
	} {
		if _, err := tx.Exec(ctx, rollUp.statement, cellColumns(rollUp.cells, block)...); err != nil {
			return fmt.Errorf("add to the roll-ups: %w", err)
		}
	}
	return nil
}

// givenCells are the arguments that cellColumns gives, as rows.
const givenCells = `(
	select *, $13::bigint as changed_block
	from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[],
	            $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[], $11::bigint[], $12::bigint[])
	     as c (manufacturer_id, retailer_id, item_id, store_id, day, currency_code,
	           units_sold, units_returned, amount_sold, amount_returned, lines, tickets)) as given`

func cellColumns(cells []*soldCell, block uint64) []any {
	n := len(cells)
	owners, retailers, items, stores, currencies := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	days := make([]time.Time, n)
	unitsSold, unitsReturned := make([]pgtype.Numeric, n), make([]pgtype.Numeric, n)
	amountSold, amountReturned := make([]pgtype.Numeric, n), make([]pgtype.Numeric, n)
	lines, tickets := make([]int64, n), make([]int64, n)
	for i, c := range cells {
		owners[i], retailers[i], items[i], stores[i] = c.of.owner, c.of.seller, c.of.ItemID, c.of.ticket.StoreID
		days[i], currencies[i] = c.of.day, c.of.ticket.CurrencyCode
		unitsSold[i], amountSold[i] = c.sold.numericUnits(), c.sold.numericAmount()
		unitsReturned[i], amountReturned[i] = c.returned.numericUnits(), c.returned.numericAmount()
		lines[i], tickets[i] = c.lines, c.tickets
	}
	return []any{owners, retailers, items, stores, days, currencies, unitsSold, unitsReturned, amountSold, amountReturned,
		lines, tickets, int64(block)}
}
