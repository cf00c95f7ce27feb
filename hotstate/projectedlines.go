package hotstate

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// A soldLine is a line of a block's ticket with what is the same for all lines of the ticket, and whose product it was.
type soldLine struct {
	ticket *ProjectedTicket
	*ProjectedLine
	day    time.Time
	seller string // retailer id
	owner  string // manufacturer id; "": nobody owns the product
}

// insertSales writes the lines of a block's tickets, and adds them to the roll-ups.
func insertSales(ctx context.Context, tx pgx.Tx, p Projection) error {
	lines, err := soldLines(ctx, tx, p)
	if err != nil || len(lines) == 0 {
		return err
	}
	err = copyRows(ctx, tx, "lines",
		[]string{"ticket_key", "line_number", "retailer_id", "manufacturer_id", "item_id", "gtin", "store_id", "business_day",
			"currency_code", "quantity", "amount", "block"},
		pgx.CopyFromSlice(len(lines), func(i int) ([]any, error) {
			l := &lines[i]
			return []any{l.ticket.Key[:], l.Number, l.seller, l.owner, l.ItemID, l.GTIN, l.ticket.StoreID, l.day,
				l.ticket.CurrencyCode, thousandths(l.Quantity), l.Amount, int64(p.Block)}, nil
		}))
	if err != nil {
		return fmt.Errorf("insert lines: %w", err)
	}
	return addSales(ctx, tx, p.Block, lines)
}

func thousandths(n int64) pgtype.Numeric {
	return pgtype.Numeric{Int: big.NewInt(n), Exp: -3, Valid: true}
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
