package simulate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// The largest chain there is room for.
const (
	maxStores    = 500
	maxCustomers = 100_000
	maxTickets   = 100_000_000
	maxDays      = 3660 // ten years
)

// Options say what chain to make. The same options make the same bytes.
type Options struct {
	Stores    int
	Customers int
	Tickets   int // of all kinds
	Seed      uint64
	From, To  time.Time // days, both included, as midnights in UTC
	Folder    string    // where the files go; made if it is not there
	Overwrite bool      // replace files that are there already
}

// Check says which option is impossible, if any.
func (o Options) Check() error {
	switch {
	case o.Stores < 1 || o.Stores > maxStores:
		return fmt.Errorf("stores: %d is not between 1 and %d", o.Stores, maxStores)
	case o.Customers < 0 || o.Customers > maxCustomers:
		return fmt.Errorf("customers: %d is not between 0 and %d", o.Customers, maxCustomers)
	case o.Tickets < 0 || o.Tickets > maxTickets:
		return fmt.Errorf("tickets: %d is not between 0 and %d", o.Tickets, maxTickets)
	case o.Folder == "":
		return errors.New("out: no folder is given")
	case o.From.After(o.To):
		return fmt.Errorf("from: %s is after to, %s", o.From.Format(time.DateOnly), o.To.Format(time.DateOnly))
	case o.To.Sub(o.From) > maxDays*day:
		return fmt.Errorf("from: more than %d days before to", maxDays)
	}
	if days, _ := tradingDays(o.From, o.To); len(days) == 0 {
		return errors.New("from and to: the chain is closed on Sundays, Christmas and New Year's Day, and nothing else lies between")
	}
	return nil
}

// Run makes the chain and writes its five files: stores, customers,
// manufacturers, products and tickets, each .ndjson. They appear together, when
// all are complete.
func Run(ctx context.Context, options Options) error {
	if err := options.Check(); err != nil {
		return err
	}
	days, trade := tradingDays(options.From, options.To)
	chain, err := newChain(options, len(days))
	if err != nil {
		return err
	}
	folder, err := newFolder(options.Folder, options.Overwrite)
	if err != nil {
		return err
	}
	err = errors.Join(
		folder.write("stores.ndjson", chain.storeRows),
		folder.write("customers.ndjson", chain.customerRows),
		folder.write("manufacturers.ndjson", makerRows),
		folder.write("products.ndjson", chain.productRows),
		folder.write("tickets.ndjson", func(out *rows) error {
			return chain.tickets(ctx, days, trade, options.Tickets, out)
		}),
	)
	if err != nil {
		return errors.Join(err, folder.discard())
	}
	return folder.publish()
}

// tickets writes all tickets, as many a day as the day's share says.
func (c *chain) tickets(ctx context.Context, days []time.Time, trade weights, count int, out *rows) error {
	var line []byte
	made := 0
	for i, date := range days {
		// Shares are rounded in sum, so that they come to count exactly.
		upToHere := int(int64(count) * int64(trade[i]) / int64(trade.total()))
		err := c.trade(date, upToHere-made, func(t *ticket.Ticket) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			line = append(t.AppendCanonical(line[:0]), '\n')
			return out.raw(line)
		})
		if err != nil {
			return err
		}
		made = upToHere
	}
	return nil
}
