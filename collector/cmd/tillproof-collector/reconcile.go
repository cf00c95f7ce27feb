package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/tillproof/tillproof/collector/reconciliation"
	"github.com/tillproof/tillproof/hotstate"
)

// reconcile prints what tills were promised beside what the ledger has. It fails while tickets are missing, which on a busy
// system some always are: what is missing now and still is when it is asked again is what to look into.
func reconcile(ctx context.Context, c config, args []string) error {
	flags := flag.NewFlagSet("reconcile", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "for programs")
	if err := flags.Parse(args); err != nil {
		return usage(err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	if err := require(setting{"DATABASE_URL", c.DatabaseURL}); err != nil {
		return err
	}
	pool, err := hotstate.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	report, err := reconciliation.Read(ctx, pool)
	if err != nil {
		return err
	}
	show := report.Print
	if *asJSON {
		show = report.PrintJSON
	}
	if err := show(os.Stdout); err != nil {
		return err
	}
	if report.Missing > 0 {
		return fmt.Errorf("%d accepted tickets are not recorded yet", report.Missing)
	}
	return nil
}
