package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Time limits of a connection. Streams set their own as they go.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 30 * time.Second
	writeTimeout    = 60 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 20 * time.Second
)

// What bounds the memory of slow clients: the longest header, with every address and token that anybody could mean, and how
// many are connected at once, two thousand streams among them. The next one waits to be let in.
const (
	maxHeaderBytes = 32 << 10
	maxConnections = 8192
)

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
	listener = netutil.LimitListener(listener, maxConnections)
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
