package live

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// What a listener missed is told up to so many sums; beyond them it is told to read anew.
const maxMissed = 1000

// A catchUp is one reading of what an actor missed since a block. After a restart all listeners come back together, many of
// them of one actor and from the same block: who comes while one is read, or waits to be, shares it.
type catchUp struct {
	done   chan struct{}
	events []Event
	err    error
}

// Missed tells what changed since a block, restated sums too, up to a block from which the listener hears the rest.
func (f *Feed) Missed(ctx context.Context, l *Listener, since int64) ([]Event, error) {
	key := actorKey(l.actor) + "\x00" + strconv.FormatInt(since, 10)
	for {
		f.mu.Lock()
		c, running := f.catchUps[key]
		if !running {
			c = &catchUp{done: make(chan struct{})}
			f.catchUps[key] = c
		}
		f.mu.Unlock()
		if !running {
			c.events, c.err = f.catchUp(ctx, l.actor, since)
			f.mu.Lock()
			delete(f.catchUps, key)
			f.mu.Unlock()
			close(c.done)
			return c.events, c.err
		}
		select {
		case <-c.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait to catch up: %w", ctx.Err())
		}
		// What was read before this listener came may leave a gap to what it hears; and whoever read it may have gone away.
		if c.err == nil && c.events[0].Block >= l.AsOf.Block {
			return c.events, nil
		}
	}
}

// catchUp reads when it is its turn.
func (f *Feed) catchUp(ctx context.Context, actor hotstate.Actor, since int64) ([]Event, error) {
	select {
	case f.turns <- struct{}{}:
		defer func() { <-f.turns }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to catch up: %w", ctx.Err())
	}
	query := cellsOf(f.smallest)
	query.ChangedSince, query.Limit = &since, maxMissed+1
	var rows []hotstate.SalesRow
	var asOf hotstate.AsOf
	err := hotstate.As(ctx, f.pool, actor, func(tx pgx.Tx) (err error) {
		if asOf, err = hotstate.ReadAsOf(ctx, tx); err != nil || asOf.Block == since {
			return err
		}
		return hotstate.ReadSales(ctx, tx, actor, query, func(row *hotstate.SalesRow) error {
			rows = append(rows, *row)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	event := Event{Block: asOf.Block, Final: true}
	switch {
	case asOf.Block < since: // the view is being made anew
		event.Kind = "reload"
		event.Data, err = f.encoder.Reload(asOf, -1)
	case len(rows) > maxMissed:
		event.Kind = "reload"
		event.Data, err = f.encoder.Reload(asOf, since)
	case len(rows) > 0:
		event.Kind = "sales"
		event.Data, err = f.encoder.Sales(asOf, rows)
	}
	return []Event{event}, err
}
