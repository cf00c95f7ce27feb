package main

import (
	"context"
	"log/slog"

	"github.com/tillproof/tillproof/hotstate"
)

// migrate prepares the database. It needs the owner's login, which serving never has.
func migrate(ctx context.Context, log *slog.Logger, c config) error {
	err := require(setting{"DATABASE_URL", c.DatabaseURL},
		setting{"COLLECTOR_DB_PASSWORD", c.CollectorPassword}, setting{"QUERY_DB_PASSWORD", c.QueryPassword})
	if err != nil {
		return err
	}
	if err := hotstate.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	for _, login := range []struct{ role, password string }{
		{"tillproof_collector", c.CollectorPassword},
		{"tillproof_query", c.QueryPassword},
		{"tillproof_anchor", c.AnchorPassword},
	} {
		if login.password == "" {
			continue // nobody is to log in as that
		}
		if err := hotstate.SetLoginPassword(ctx, c.DatabaseURL, login.role, login.password); err != nil {
			return err
		}
	}
	log.Info("the database is ready")
	return nil
}
