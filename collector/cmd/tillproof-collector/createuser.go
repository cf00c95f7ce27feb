package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"time"

	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/hotstate"
)

// createUser registers a user straight in the database: the first administrator cannot be made by an administrator.
func createUser(ctx context.Context, log *slog.Logger, c config, args []string) error {
	user := registration.User{Password: c.UserPassword}
	flags := flag.NewFlagSet("create-user", flag.ContinueOnError)
	flags.StringVar(&user.Username, "username", "", "name to sign in with")
	flags.StringVar(&user.Role, "role", "", "customer, store, manufacturer, auditor or admin")
	flags.StringVar(&user.RetailerID, "retailer-id", "", "of a chain's head office, instead of --store-ids")
	flags.StringVar(&user.ManufacturerID, "manufacturer-id", "", "of a manufacturer")
	flags.StringVar(&user.LoyaltyID, "loyalty-id", "", "of a customer")
	storeIDs := flags.String("store-ids", "", "of a store: ids, separated by commas")
	if err := flags.Parse(args); err != nil {
		return usage(err)
	}
	user.StoreIDs = splitList(*storeIDs)
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	if err := require(setting{"DATABASE_URL", c.DatabaseURL}, setting{"PASSWORD", c.UserPassword}); err != nil {
		return err
	}
	if p := registration.CheckUser(&user); p != nil {
		return fmt.Errorf("user refused: %s %s", p.Errors[0].Pointer, p.Errors[0].Detail)
	}
	pool, err := hotstate.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	change, err := registration.NewService(pool, time.Now).PutUser(ctx, user)
	if err != nil {
		return err
	}
	log.Info("user "+string(change), "role", user.Role)
	return nil
}
