package hotstate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// A soldLine is a line of a block's ticket with what is the same for all lines of the ticket, and whose product it was.
type soldLine struct {
	ticket *ProjectedTicket
	*ProjectedLine
	day    time.Time
	seller string // retailer id
	owner  string // manufacturer id; "": nobody owns the product
}

// linesAtOnce bounds how many lines one statement inserts: a block may hold hundreds of tickets of thousands of lines.
const linesAtOnce = 10_000

// insertSales writes the lines of a block's tickets, and adds them to the roll-ups.
func insertSales(ctx context.Context, tx pgx.Tx, p Projection) error {
	lines, err := soldLines(ctx, tx, p)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(lines, linesAtOnce) {
		if err := insertLines(ctx, tx, p.Block, chunk); err != nil {
			return fmt.Errorf("insert lines: %w", err)
		}
	}
	return addSales(ctx, tx, p.Block, lines)
}

func insertLines(ctx context.Context, tx pgx.Tx, block uint64, lines []soldLine) error {
	n := len(lines)
	keys, numbers, days, amounts, quantities := make([][]byte, n), make([]int64, n), make([]time.Time, n), make([]int64, n), make([]int64, n)
	retailers, owners, items, stores, currencies := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	gtins := make([]*string, n)
	for i := range lines {
		l := &lines[i]
		keys[i], numbers[i], days[i], quantities[i], amounts[i] = l.ticket.Key[:], l.Number, l.day, l.Quantity, l.Amount
		retailers[i], owners[i], items[i], gtins[i] = l.seller, l.owner, l.ItemID, l.GTIN
		stores[i], currencies[i] = l.ticket.StoreID, l.ticket.CurrencyCode
	}
	_, err := tx.Exec(ctx, `
		insert into view.lines (ticket_key, line_number, retailer_id, manufacturer_id, item_id, gtin, store_id, business_day,
		                        currency_code, quantity, amount, block)
		select ticket_key, line_number, retailer_id, manufacturer_id, item_id, gtin, store_id, business_day,
		       currency_code, thousandths * 0.001, amount, $12
		from unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::text[],
		            $10::bigint[], $11::bigint[])
		     as l (ticket_key, line_number, retailer_id, manufacturer_id, item_id, gtin, store_id, business_day, currency_code,
		           thousandths, amount)`,
		keys, numbers, retailers, owners, items, gtins, stores, days, currencies, quantities, amounts, int64(block))
	return err
}

// A productOfDay is what decides who owns a line.
type productOfDay struct{ retailer, item, gtin, day string }

// soldLines finds the owners of a block's lines, asking once for each product and day among them.
func soldLines(ctx context.Context, tx pgx.Tx, p Projection) ([]soldLine, error) {
	var lines []soldLine
	var products []productOfDay
	var productOf []int // of each line
	known := make(map[productOfDay]int)
	for i := range p.Tickets {
		t := &p.Tickets[i]
		day, err := time.Parse(time.DateOnly, t.BusinessDay)
		if err != nil {
			return nil, fmt.Errorf("business day of ticket %x: %w", t.Key, err)
		}
		for k := range t.Lines {
			line := &t.Lines[k]
			product := productOfDay{t.RetailerID, line.ItemID, "", t.BusinessDay}
			if line.GTIN != nil {
				product.gtin = *line.GTIN
			}
			place, asked := known[product]
			if !asked {
				place = len(products)
				known[product], products = place, append(products, product)
			}
			lines, productOf = append(lines, soldLine{ticket: t, ProjectedLine: line, day: day, seller: t.RetailerID}), append(productOf, place)
		}
	}
	owners, err := ownersOf(ctx, tx, products)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		lines[i].owner = owners[productOf[i]]
	}
	return lines, nil
}

// ownersOf tells who owns products on days, and notes that they were sold.
func ownersOf(ctx context.Context, tx pgx.Tx, products []productOfDay) ([]string, error) {
	if len(products) == 0 {
		return nil, nil
	}
	n := len(products)
	retailers, items, gtins, days := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, product := range products {
		retailers[i], items[i], gtins[i], days[i] = product.retailer, product.item, product.gtin, product.day
	}
	rows, err := tx.Query(ctx, `
		with asked as materialized (
			select p.*, o.manufacturer_id
			from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as p (retailer_id, item_id, gtin, day, place)
			cross join lateral view.owner_of(retailer_id, item_id, nullif(gtin, ''), day::date) as o
		), noted as (
			insert into view.products_sold (manufacturer_id, retailer_id, item_id, gtin)
			select distinct manufacturer_id, retailer_id, item_id, gtin from asked
			on conflict do nothing
		)
		select manufacturer_id from asked order by place`, retailers, items, gtins, days)
	if err != nil {
		return nil, fmt.Errorf("find the owners of products: %w", err)
	}
	owners, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("find the owners of products: %w", err)
	}
	return owners, nil
}
