package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	// openTickets are accepted and wait for the ledger: lists of tickets look among them too.
	openTickets = 5_000
	// blocksAtOnce are copied together.
	blocksAtOnce = 10
)

// fill writes the chain into an empty, migrated database, as a superuser: what the projector would have written block by
// block, but for what only proofs need. Rows are copied, which row-level security keeps others from; sums are made by the
// projector's own statements; indexes come last.
func (c chain) fill(ctx context.Context, pool *pgxpool.Pool, progress func(string)) error {
	return pool.AcquireFunc(ctx, func(pooled *pgxpool.Conn) error {
		conn := pooled.Conn()
		// What a crash would lose is made again. Months are sorted, and indexes built, in memory.
		_, err := conn.Exec(ctx, "set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '1GB'; set jit = off")
		if err != nil {
			return err
		}
		indexes, err := putAside(ctx, conn)
		if err != nil {
			return fmt.Errorf("put the indexes aside: %w", err)
		}
		for _, step := range []struct {
			what string
			do   func(context.Context, *pgx.Conn) error
		}{
			{"registrations", c.register},
			{"tickets and lines", c.copyBlocks},
			{"points", c.sumPoints},
			{"sales", c.sumSales},
			{"the book", c.fillBook},
			{"indexes", indexes.putBack},
		} {
			began := time.Now()
			if err := step.do(ctx, conn); err != nil {
				return fmt.Errorf("load %s: %w", step.what, err)
			}
			progress(fmt.Sprintf("%d lines: %s, in %.0f s", c.lines, step.what, time.Since(began).Seconds()))
		}
		_, err = conn.Exec(ctx, "vacuum analyze")
		return err
	})
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
	} {
		if _, err := conn.Exec(ctx, statement.text, statement.args...); err != nil {
			return err
		}
	}
	return nil
}

// copyBlocks brings what is in blocks, and the checkpoint behind them.
func (c chain) copyBlocks(ctx context.Context, conn *pgx.Conn) error {
	var last hotstate.Projection
	for number := 0; number < c.blocks(); number += blocksAtOnce {
		var blocks []hotstate.Projection
		for n := number; n < min(number+blocksAtOnce, c.blocks()); n++ {
			last = c.block(n)
			blocks = append(blocks, last)
		}
		for _, table := range []table{ticketTable, lineTable, entryTable} {
			if err := table.copy(ctx, conn, blocks); err != nil {
				return err
			}
		}
	}
	_, err := conn.Exec(ctx, "insert into view.checkpoint (channel, next_block, as_of) values ($1, $2, $3)", channel, int64(last.Block)+1, last.Time)
	return err
}

// sumPoints makes balances, and says whose accounts are.
func (c chain) sumPoints(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		insert into view.points_balances (loyalty_id, available) select loyalty_id, sum(points) from view.points_entries group by 1;
		insert into view.points_members (account, loyalty_id) select distinct account, loyalty_id from view.points_entries`)
	return err
}

// sumSales notes what was sold, and makes the roll-ups, a month at a time.
func (c chain) sumSales(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		insert into view.products_sold (manufacturer_id, retailer_id, item_id, gtin)
		select distinct manufacturer_id, retailer_id, item_id, coalesce(gtin, '') from view.lines`)
	if err != nil {
		return err
	}
	for month := firstDay; !month.After(lastDay); month = month.AddDate(0, 1, 0) {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			return hotstate.SumSalesOfDays(ctx, tx, month, month.AddDate(0, 1, -1))
		})
		if err != nil {
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
		from view.tickets`)
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
