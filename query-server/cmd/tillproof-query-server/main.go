// Command tillproof-query-server is the read side: it signs people in and shows each what is theirs. All of it is
// configured by environment variables, see config.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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

// Time limits of a connection. Streams set their own as they go.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 30 * time.Second
	writeTimeout    = 60 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 20 * time.Second
)

// maxHeaderBytes holds the longest address and token that anybody could mean.
const maxHeaderBytes = 32 << 10

// serve answers until ctx ends, and then lets running requests finish.
func serve(ctx context.Context, log *slog.Logger, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s (LISTEN_ADDRESS): %w", address, err)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	log.Info("query server listens", "address", listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("query server stops")
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err = server.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // whoever is still connected had his time
	}
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
