package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/tillproof/tillproof/cli/simulate"
)

const simulateHelp = `Make a believable supermarket chain and its tickets.

usage: tillproof simulate [OPTIONS] --out DIR

Writes stores, customers, manufacturers, products and tickets, each as .ndjson,
to DIR. The same options and seed make the same files.

  --out DIR          where to; made if it is not there
  --overwrite        replace files that are there already
  --tickets N        how many, of all kinds (1000)
  --stores N         (5)
  --customers N      members of the loyalty programme (60)
  --from, --to DATE  first and last day, YYYY-MM-DD (28 days up to yesterday)
  --seed N           makes another chain (1)

Load them by scripts/up --data DIR, or the tickets alone by
tillproof upload DIR/tickets.ndjson
`

func runSimulate(ctx context.Context, program program, arguments []string) error {
	flags := newFlags("simulate")
	options := simulate.Options{}
	flags.StringVar(&options.Folder, "out", "", "")
	flags.BoolVar(&options.Overwrite, "overwrite", false, "")
	flags.IntVar(&options.Tickets, "tickets", 1000, "")
	flags.IntVar(&options.Stores, "stores", 5, "")
	flags.IntVar(&options.Customers, "customers", 60, "")
	flags.Uint64Var(&options.Seed, "seed", 1, "")
	dates := dateFlags(flags, &options)
	operands, err := parse(flags, arguments, simulateHelp, program.stdout)
	if err != nil {
		return err
	}
	if len(operands) > 0 {
		return usagef("%q is not an option; the folder is named by --out", operands[0])
	}
	if err := dates(time.Now()); err != nil {
		return err
	}
	if err := options.Check(); err != nil {
		return &usageError{err}
	}
	if err := simulate.Run(ctx, options); err != nil {
		return err
	}
	fmt.Fprintf(program.stdout, "%d tickets of %d stores and %d customers, %s to %s, in %s\n",
		options.Tickets, options.Stores, options.Customers,
		options.From.Format(time.DateOnly), options.To.Format(time.DateOnly), options.Folder)
	return nil
}

// dateFlags adds --from and --to. Their defaults hang on each other and on the
// day, so the returned function settles them after parsing.
func dateFlags(flags *flag.FlagSet, options *simulate.Options) func(now time.Time) error {
	from, to := flags.String("from", "", ""), flags.String("to", "", "")
	return func(now time.Time) (err error) {
		today := now.UTC().Truncate(24 * time.Hour)
		options.To = today.AddDate(0, 0, -1)
		if *to != "" {
			if options.To, err = time.Parse(time.DateOnly, *to); err != nil {
				return usagef("--to %q is not a date of the form YYYY-MM-DD", *to)
			}
		}
		if !options.To.Before(today) {
			return usagef("--to %s is not past: tickets cannot be from the future", *to)
		}
		options.From = options.To.AddDate(0, 0, -27)
		if *from != "" {
			if options.From, err = time.Parse(time.DateOnly, *from); err != nil {
				return usagef("--from %q is not a date of the form YYYY-MM-DD", *from)
			}
		}
		return nil
	}
}
