// Command tillproof-query-server is the read side: it signs people in and shows each what is theirs. All of it is
// configured by environment variables, see config.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/api"
	"github.com/tillproof/tillproof/query-server/live"
	"github.com/tillproof/tillproof/query-server/membercode"
	"github.com/tillproof/tillproof/query-server/openid"
	"github.com/tillproof/tillproof/query-server/page"
	"github.com/tillproof/tillproof/query-server/session"
	"github.com/tillproof/tillproof/query-server/token"
	"github.com/tillproof/tillproof/query-server/verifier"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error("query server stopped", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger) error {
	config, err := readConfig()
	if err != nil {
		return err
	}
	pool, err := hotstate.Open(ctx, config.databaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()

	readPool := pool
	if config.readDatabaseURL != "" {
		if readPool, err = hotstate.Open(ctx, config.readDatabaseURL); err != nil {
			return fmt.Errorf("open READ_DATABASE_URL: %w", err)
		}
		defer readPool.Close()
	}

	keys, err := token.OpenKeys(filepath.Join(config.keysDir, "jwt"))
	if err != nil {
		return err
	}
	issuer := token.Issuer{Name: config.issuer, Keys: keys, Now: time.Now}
	sessions, err := session.NewService(pool, issuer)
	if err != nil {
		return err
	}
	codes, err := membercode.NewMaker(config.keysDir, time.Now)
	if err != nil {
		return err
	}
	pages, err := page.Handler()
	if err != nil {
		return err
	}
	feed := live.NewFeed(readPool, log, api.SalesEvents{}, config.smallestCells)
	// When ctx ends the feed lets its listeners go; serve would wait for them in vain.
	watched, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer stop()
	watching.Go(func() { keys.Watch(watched, log) })
	watching.Go(func() { feed.Run(watched) })

	var provider *openid.Provider
	if config.openID != nil {
		provider = openid.NewProvider(*config.openID, time.Now)
		watching.Go(func() { provider.Watch(watched, log) })
	}
	handler, err := api.New(api.Options{
		Pool:           readPool,
		Issuer:         issuer,
		Sessions:       sessions,
		MemberCodes:    codes,
		Live:           feed,
		Collector:      config.collectorURL,
		PublicURL:      config.publicURL,
		Page:           verifier.New(config.verifierDir, pages),
		SmallestCells:  config.smallestCells,
		TrustedProxies: config.trustedProxies,
		OpenID:         provider,
		Log:            log,
	})
	if err != nil {
		return err
	}
	return serve(ctx, log, config.listenAddress, handler)
}
