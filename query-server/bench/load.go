package bench

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// openTickets are accepted and wait for the ledger: lists of tickets look among them too.
const openTickets = 5_000

// fill writes the chain into an empty, migrated database, as the owner of its tables: registrations, then block after
// block by the projector's own statements, so that what is measured is what the projector leaves behind.
func (c chain) fill(ctx context.Context, pool *pgxpool.Pool, progress func(string)) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// What a crash would lose is made again.
	if _, err := conn.Exec(ctx, "set synchronous_commit = off"); err != nil {
		return err
	}
	if err := c.register(ctx, conn.Conn()); err != nil {
		return fmt.Errorf("register the chain: %w", err)
	}
	if _, err := hotstate.NextBlock(ctx, conn, channel); err != nil {
		return err
	}
	indexes, err := dropIndexes(ctx, conn.Conn())
	if err != nil {
		return fmt.Errorf("put the indexes aside: %w", err)
	}
	for number := range c.blocks() {
		block := c.block(number)
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return hotstate.Project(ctx, tx, block) })
		if err != nil {
			return err
		}
		if done := (number + 1) * 100 / c.blocks(); done/10 > number*100/c.blocks()/10 {
			progress(fmt.Sprintf("%d lines: %d %%", c.lines, done))
		}
	}
	if err := c.fillBook(ctx, conn.Conn()); err != nil {
		return fmt.Errorf("fill the book: %w", err)
	}
	for _, statement := range append(indexes, "vacuum analyze") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// dropIndexes drops those that only reading needs, and gives the statements that make them again: to build an index at the
// end is quicker than to keep it all the while, and leaves the same.
func dropIndexes(ctx context.Context, conn *pgx.Conn) (again []string, err error) {
	rows, err := conn.Query(ctx, `
		select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
		from pg_index i
		join pg_class c on c.oid = i.indexrelid
		join pg_am m on m.oid = c.relam
		where c.relnamespace = 'view'::regnamespace and m.amname = 'btree' and not i.indisunique`)
	if err != nil {
		return nil, err
	}
	type pair struct{ Drop, Make string }
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pair])
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if _, err := conn.Exec(ctx, p.Drop); err != nil {
			return nil, err
		}
		again = append(again, p.Make)
	}
	return again, nil
}

// register names everybody, and whose each product is.
func (c chain) register(ctx context.Context, conn *pgx.Conn) error {
	for _, statement := range []struct {
		text string
		args []any
	}{
		{`insert into book.stores (store_id, name, retailer_id, currency_code)
		  select format('store-%s', to_char(n, 'FM0000')), 'Store ' || n, $2, 'EUR' from generate_series(0, $1::int - 1) n`, []any{stores, retailer}},
		{`insert into book.manufacturers (manufacturer_id, name)
		  select format('maker-%s', to_char(n, 'FM000')), 'Maker ' || n from generate_series(0, $1::int - 1) n`, []any{manufacturers}},
		{`insert into book.products (retailer_id, item_id, description)
		  select $2, format('item-%s', to_char(n, 'FM00000')), 'Article ' || n from generate_series(0, $1::int - 1) n`, []any{products, retailer}},
		{`insert into book.product_owners (retailer_id, item_id, manufacturer_id)
		  select $2, format('item-%s', to_char(n, 'FM00000')), format('maker-%s', to_char(n % $3::int, 'FM000'))
		  from generate_series(0, $1::int - 1) n`, []any{products, retailer, manufacturers}},
		{`insert into book.customers (loyalty_id)
		  select format('member-%s', to_char(n, 'FM00000')) from generate_series(0, $1::int - 1) n`, []any{members}},
		{`analyze book.products, book.product_owners`, nil},
	} {
		if _, err := conn.Exec(ctx, statement.text, statement.args...); err != nil {
			return err
		}
	}
	return nil
}

// fillBook adds what the collector keeps of tickets that are recorded, and tickets that are not.
func (c chain) fillBook(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
			content_mac, loyalty_id, pending_points, state, block, tx_id, received_at)
		select retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
			commitment, loyalty_id, points, 'recorded', block, tx_id, recorded_at
		from view.tickets order by sequence_number`)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `
		insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, ticket_key,
			content_mac, loyalty_id, pending_points, state, received_at, seed, body)
		select retailer_id, gen_random_uuid(), store_id, workstation_id, business_day + 400, sequence_number, sha256(ticket_key),
			commitment, loyalty_id, points, 'accepted', recorded_at, commitment, trade
		from view.tickets order by ticket_key limit $1`, openTickets)
	return err
}
