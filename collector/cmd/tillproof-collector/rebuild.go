package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/hotstate"
)

// rebuildReport is how often a rebuild says how far it is.
const rebuildReport = 5 * time.Second

// rebuild empties the view and waits until all of it is there again. A collector that serves makes it anew; where none
// does, the projector here takes the place. Until the end the query server shows what is there so far, and says as of
// which block. Interrupted, it is carried on by whichever collector runs next.
func rebuild(ctx context.Context, log *slog.Logger, c config) error {
	if err := require(setting{"DATABASE_URL", c.DatabaseURL}); err != nil {
		return err
	}
	pool, err := hotstate.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	keys, err := keyring.Open(c.KeysDir)
	if err != nil {
		return err
	}
	ledger, err := fabric.Connect(c.Fabric)
	if err != nil {
		return err
	}
	defer ledger.Close()

	var cameTo uint64
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		cameTo, err = hotstate.ClearView(ctx, tx, ledger.Channel())
		return err
	})
	if err != nil {
		return err
	}
	log.Info("the view is empty, and is made again from the ledger", "blocks", cameTo)

	fromLedger := projector.New(pool, ledger, keys)
	fromLedger.Origin = c.LogOrigin
	workers := startWorkers(fromLedger.Run)
	defer workers.stop()
	return awaitView(ctx, log, pool, ledger.Channel(), cameTo)
}

// awaitView waits until the view has come to a block again.
func awaitView(ctx context.Context, log *slog.Logger, db hotstate.DB, channel string, until uint64) error {
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	said := time.Now()
	for {
		next, err := hotstate.ViewNextBlock(ctx, db, channel)
		if err != nil {
			return err
		}
		if next >= until {
			log.Info("the view is made again", "blocks", next)
			return nil
		}
		if time.Since(said) > rebuildReport {
			said = time.Now()
			log.Info("the view is being made again", "blocks", next, "of", until)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
