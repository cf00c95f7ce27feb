package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// sums are the columns that all roll-ups have, over lines l. A line counts as sold or returned by its quantity's sign.
const sums = `
	coalesce(sum(l.quantity) filter (where l.quantity > 0), 0),
	coalesce(-sum(l.quantity) filter (where l.quantity < 0), 0),
	coalesce(sum(l.amount) filter (where l.quantity > 0), 0),
	coalesce(-sum(l.amount) filter (where l.quantity < 0), 0),
	count(*), count(distinct l.ticket_key), max(l.block)`

// add adds such sums to a cell that is there.
const add = ` do update set
	units_sold = cell.units_sold + excluded.units_sold, units_returned = cell.units_returned + excluded.units_returned,
	amount_sold = cell.amount_sold + excluded.amount_sold, amount_returned = cell.amount_returned + excluded.amount_returned,
	lines = cell.lines + excluded.lines, tickets = cell.tickets + excluded.tickets,
	changed_block = greatest(cell.changed_block, excluded.changed_block)`

// emptied is a cell without sales. It stays, so that who once read it and asks for changes hears that it is empty now.
const emptied = `units_sold = 0, units_returned = 0, amount_sold = 0, amount_returned = 0, lines = 0, tickets = 0`

const sumColumns = `units_sold, units_returned, amount_sold, amount_returned, lines, tickets, changed_block`

const intoSalesByDay = `
	insert into view.sales_by_day as cell (manufacturer_id, retailer_id, item_id, store_id, day, currency_code, ` + sumColumns + `)
	select l.manufacturer_id, l.retailer_id, l.item_id, l.store_id, l.business_day, l.currency_code, ` + sums

const intoSalesByMonth = `
	insert into view.sales_by_month as cell (manufacturer_id, store_id, month, currency_code, ` + sumColumns + `)
	select l.manufacturer_id, l.store_id, date_trunc('month', l.business_day)::date, l.currency_code, ` + sums

// Restate applies what registrations have changed in the ownership of products: the lines concerned change hands, and
// the cells they were and are in are computed again. It gives the number of lines that did.
func Restate(ctx context.Context, tx pgx.Tx) (int64, error) {
	var changes bool
	if err := tx.QueryRow(ctx, "select exists (select from book.ownership_changes)").Scan(&changes); err != nil || !changes {
		return 0, err
	}
	_, err := tx.Exec(ctx, `
		create temporary table moved on commit drop as
		with changes as (
			delete from book.ownership_changes returning retailer_id, item_id, prefix
		), products as (
			select s.* from view.products_sold s
			left join book.products r on r.retailer_id = s.retailer_id and r.item_id = s.item_id
			where (s.retailer_id, s.item_id) in (select retailer_id, item_id from changes where item_id is not null)
			   or exists (select from changes c
			              where c.prefix is not null and starts_with(substr(coalesce(nullif(s.gtin, ''), r.gtin), 2), c.prefix))
		), owned as (
			select l.*, owner.manufacturer_id as new_owner
			from products p
			join view.lines l on l.manufacturer_id = p.manufacturer_id and l.retailer_id = p.retailer_id
			                 and l.item_id = p.item_id and coalesce(l.gtin, '') = p.gtin
			cross join lateral view.owner_of(l.retailer_id, l.item_id, l.gtin, l.business_day) as owner (manufacturer_id)
		)
		select * from owned where new_owner <> manufacturer_id`)
	if err != nil {
		return 0, fmt.Errorf("find the lines that change hands: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		update view.lines l set manufacturer_id = m.new_owner
		from moved m
		where (m.manufacturer_id, m.business_day, m.ticket_key, m.line_number)
		    = (l.manufacturer_id, l.business_day, l.ticket_key, l.line_number)`)
	if err != nil {
		return 0, fmt.Errorf("give lines to their new owners: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return 0, nil
	}
	if err := noteProductsSold(ctx, tx); err != nil {
		return 0, err
	}
	return tag.RowsAffected(), computeAgain(ctx, tx)
}

// noteProductsSold follows the lines in the table "moved": their new owners sold the products, and of the old ones those who
// have other lines of them still.
func noteProductsSold(ctx context.Context, tx pgx.Tx) error {
	for _, statement := range []string{
		`insert into view.products_sold (manufacturer_id, retailer_id, item_id, gtin)
		 select distinct new_owner, retailer_id, item_id, coalesce(gtin, '') from moved
		 on conflict do nothing`,
		`delete from view.products_sold s
		 using (select distinct manufacturer_id, retailer_id, item_id, coalesce(gtin, '') as gtin from moved) m
		 where (s.manufacturer_id, s.retailer_id, s.item_id, s.gtin) = (m.manufacturer_id, m.retailer_id, m.item_id, m.gtin)
		   and not exists (select from view.lines l
		                   where (l.manufacturer_id, l.retailer_id, l.item_id, coalesce(l.gtin, ''))
		                       = (s.manufacturer_id, s.retailer_id, s.item_id, s.gtin))`,
	} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("note who sold the restated products: %w", err)
		}
	}
	return nil
}

// computeAgain makes the cells anew that the lines in the table "moved" were in or are in now. A restated cell counts as
// changed in the newest block, so that whoever asks for what has changed since then sees it.
func computeAgain(ctx context.Context, tx pgx.Tx) error {
	for _, statement := range []string{
		`create temporary table owners on commit drop as
		 select manufacturer_id as owner, moved.* from moved union all select new_owner, moved.* from moved`,
		`update view.sales_by_day s set ` + emptied + ` from owners o
		 where (s.manufacturer_id, s.retailer_id, s.item_id, s.store_id, s.day, s.currency_code)
		     = (o.owner, o.retailer_id, o.item_id, o.store_id, o.business_day, o.currency_code)`,
		`update view.sales_by_month s set ` + emptied + ` from owners o
		 where (s.manufacturer_id, s.store_id, s.month, s.currency_code)
		     = (o.owner, o.store_id, date_trunc('month', o.business_day)::date, o.currency_code)`,
		intoSalesByDay + ` from view.lines l
		 where (l.manufacturer_id, l.retailer_id, l.item_id, l.store_id, l.business_day, l.currency_code) in
		       (select owner, retailer_id, item_id, store_id, business_day, currency_code from owners)
		 group by 1, 2, 3, 4, 5, 6
		 on conflict (manufacturer_id, day, retailer_id, item_id, store_id, currency_code)` + add,
		intoSalesByMonth + ` from view.lines l
		 where (l.manufacturer_id, l.store_id, date_trunc('month', l.business_day)::date, l.currency_code) in
		       (select owner, store_id, date_trunc('month', business_day)::date, currency_code from owners)
		 group by 1, 2, 3, 4
		 on conflict (manufacturer_id, month, store_id, currency_code)` + add,
		`update view.sales_by_day s set changed_block = (select max(next_block) - 1 from view.checkpoint) from owners o
		 where (s.manufacturer_id, s.retailer_id, s.item_id, s.store_id, s.day, s.currency_code)
		     = (o.owner, o.retailer_id, o.item_id, o.store_id, o.business_day, o.currency_code)`,
		`update view.sales_by_month s set changed_block = (select max(next_block) - 1 from view.checkpoint) from owners o
		 where (s.manufacturer_id, s.store_id, s.month, s.currency_code)
		     = (o.owner, o.store_id, date_trunc('month', o.business_day)::date, o.currency_code)`,
	} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("compute restated sales again: %w", err)
		}
	}
	return nil
}
