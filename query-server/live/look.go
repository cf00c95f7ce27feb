package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// observer is whom the feed reads as to find out what changed: it sees which cells, and no person.
var observer = hotstate.Actor{Role: hotstate.RoleAuditor}

// look tells the listeners what has come since the last look.
func (f *Feed) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	f.mu.Lock()
	before, known, nobody := f.asOf, f.known, len(f.listeners) == 0
	f.mu.Unlock()

	var asOf hotstate.AsOf
	var cells []hotstate.SalesCell
	err := hotstate.As(ctx, f.pool, observer, func(tx pgx.Tx) (err error) {
		if asOf, err = hotstate.ReadAsOf(ctx, tx); err != nil || !known || nobody || asOf.Block <= before.Block {
			return err
		}
		cells, err = hotstate.ReadTouchedCells(ctx, tx, observer, before.Block, maxCells+1)
		return err
	})
	if err != nil {
		return err
	}
	if known && asOf.Block == before.Block {
		return nil
	}
	groups := f.moveTo(asOf)
	if known && nobody && len(groups) > 0 { // somebody came meanwhile, with the position of before
		err := hotstate.As(ctx, f.pool, observer, func(tx pgx.Tx) (err error) {
			cells, err = hotstate.ReadTouchedCells(ctx, tx, observer, before.Block, maxCells+1)
			return err
		})
		if err != nil {
			return err
		}
	}
	switch {
	case !known:
		return nil
	case asOf.Block < before.Block: // the view is being made anew
		return f.reload(asOf, -1)
	case len(cells) > maxCells:
		return f.reload(asOf, before.Block)
	}
	f.serve(ctx, groups, cells, before.Block, asOf)
	return nil
}

// moveTo sets the position: who comes later reads from there. It gives those who are here, by actor. The lock is not held
// while they are served; a listener that comes in between has the newer position, and is served with nobody.
func (f *Feed) moveTo(asOf hotstate.AsOf) map[string][]*Listener {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asOf = asOf
	if !f.known {
		f.known = true
		close(f.ready)
	}
	groups := map[string][]*Listener{}
	for l := range f.listeners {
		key := actorKey(l.actor)
		groups[key] = append(groups[key], l)
	}
	return groups
}

func actorKey(a hotstate.Actor) string {
	stores := slices.Sorted(slices.Values(a.StoreIDs))
	return strings.Join(append([]string{a.Role, a.RetailerID, a.ManufacturerID}, stores...), "\x00")
}

func (f *Feed) reload(asOf hotstate.AsOf, since int64) error {
	data, err := f.encoder.Reload(asOf, since)
	if err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.listeners {
		f.send(l, Event{Kind: "reload", Block: asOf.Block, Final: true, Data: data})
	}
	return nil
}

// serve reads for each actor among the listeners what concerns it, some at a time.
func (f *Feed) serve(ctx context.Context, groups map[string][]*Listener, cells []hotstate.SalesCell, since int64, asOf hotstate.AsOf) {
	index := newCellIndex(cells)
	slots := make(chan struct{}, readers)
	var wait sync.WaitGroup
	for _, group := range groups {
		concerned := index.of(group[0].actor)
		if len(concerned) == 0 {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			events, err := f.read(ctx, group[0].actor, concerned, asOf)
			f.mu.Lock()
			defer f.mu.Unlock()
			if err != nil {
				f.log.WarnContext(ctx, "listeners are let go, to come back", "listeners", len(group), "sinceBlock", since, "error", err)
			}
			for _, l := range group {
				if err != nil {
					f.remove(l)
				}
				for _, e := range events {
					f.send(l, e)
				}
			}
		})
	}
	wait.Wait()
}

// read reads the cells' sums as the actor. They may be newer than asOf: then the next look tells them again.
func (f *Feed) read(ctx context.Context, actor hotstate.Actor, cells []hotstate.SalesCell, asOf hotstate.AsOf) ([]Event, error) {
	var rows []hotstate.SalesRow
	query := cellsOf(f.smallest)
	query.Cells = cells
	var snapshot hotstate.AsOf
	err := hotstate.As(ctx, f.pool, actor, func(tx pgx.Tx) (err error) {
		if snapshot, err = hotstate.ReadAsOf(ctx, tx); err != nil {
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
	var events []Event
	for part := range slices.Chunk(rows, rowsPerEvent) {
		data, err := f.encoder.Sales(snapshot, part)
		if err != nil {
			return nil, fmt.Errorf("encode an event: %w", err)
		}
		events = append(events, Event{Kind: "sales", Block: asOf.Block, Data: data})
	}
	if len(events) > 0 {
		events[len(events)-1].Final = true
	}
	return events, nil
}

// cellsOf asks for sums as events have them: by product, store and day.
func cellsOf(smallest hotstate.SmallestCells) hotstate.SalesQuery {
	return hotstate.SalesQuery{ByProduct: true, ByStore: true, Period: hotstate.ByDay, Smallest: smallest}
}

// cellIndex finds an actor's cells without a look at everybody's.
type cellIndex struct {
	all                             []hotstate.SalesCell
	manufacturers, stores, retailer map[string][]hotstate.SalesCell
}

func newCellIndex(cells []hotstate.SalesCell) cellIndex {
	index := cellIndex{cells, map[string][]hotstate.SalesCell{}, map[string][]hotstate.SalesCell{}, map[string][]hotstate.SalesCell{}}
	for _, c := range cells {
		index.manufacturers[c.ManufacturerID] = append(index.manufacturers[c.ManufacturerID], c)
		index.stores[c.StoreID] = append(index.stores[c.StoreID], c)
		index.retailer[c.RetailerID] = append(index.retailer[c.RetailerID], c)
	}
	return index
}

func (i cellIndex) of(actor hotstate.Actor) []hotstate.SalesCell {
	var candidates []hotstate.SalesCell
	switch {
	case actor.Role == hotstate.RoleManufacturer:
		candidates = i.manufacturers[actor.ManufacturerID]
	case actor.Role == hotstate.RoleStore && actor.RetailerID != "":
		candidates = i.retailer[actor.RetailerID]
	case actor.Role == hotstate.RoleStore:
		for _, store := range actor.StoreIDs {
			candidates = append(candidates, i.stores[store]...)
		}
	default:
		candidates = i.all
	}
	var own []hotstate.SalesCell
	for _, c := range candidates {
		if c.Of(actor) {
			own = append(own, c)
		}
	}
	return own
}
