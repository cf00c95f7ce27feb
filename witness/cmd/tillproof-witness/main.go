// Command tillproof-witness is the other organisation's witness: it rebuilds the log from its own peer and signs what the
// operator shows, if it is the same.
//
//	tillproof-witness        serves, with the configuration of its environment (see config.go)
//	tillproof-witness key    makes the witness's key if there is none, and prints its public half
//	tillproof-witness agree-successor CONTRACT RETAIL BRANDS
//	                         reads a proposal to move the log from CONTRACT to one that these accounts sign for, and prints
//	                         it signed, if it is what it seems by the witness's own log and its own Ethereum node
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
	"syscall"
	"time"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/network/peerblocks"
	"github.com/tillproof/tillproof/witness/api"
	"github.com/tillproof/tillproof/witness/store"
	"github.com/tillproof/tillproof/witness/witness"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, readConfig(os.Getenv), os.Args[1:]); err != nil {
		slog.Error("witness stopped", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config, arguments []string) error {
	files, err := store.Open(c.dir)
	if err != nil {
		return err
	}
	signer, err := openSigner(files, c.name)
	if err != nil {
		return err
	}
	switch {
	case len(arguments) == 0:
		return serve(ctx, c, files, signer)
	case len(arguments) == 1 && arguments[0] == "key":
		fmt.Println(signer.Key)
		return nil
	case len(arguments) == 4 && arguments[0] == "agree-successor":
		return agreeSuccessor(ctx, c, files, [3]string(arguments[1:]))
	}
	return fmt.Errorf("unknown arguments %q: want none, key, or agree-successor CONTRACT RETAIL BRANDS", arguments)
}

func openSigner(files *store.Store, name string) (*checkpoint.Signer, error) {
	seed, err := files.Seed()
	if err != nil {
		return nil, fmt.Errorf("the witness's key: %w", err)
	}
	signer, err := checkpoint.NewWitness(name, seed, time.Now)
	if err != nil {
		return nil, err
	}
	return signer, files.PublishKey(signer.Key)
}

func serve(ctx context.Context, c config, files *store.Store, signer *checkpoint.Signer) error {
	if err := c.check(); err != nil {
		return err
	}
	operator, err := checkpoint.ParseKey(c.logKey)
	if err != nil {
		return fmt.Errorf("LOG_KEY: %w", err)
	}
	judge, err := witness.New(c.peer.Channel, operator, signer, files)
	if err != nil {
		return err
	}
	peer, err := peerblocks.Open(c.peer)
	if err != nil {
		return err
	}
	defer peer.Close()

	following := &follower{peer: peer, witness: judge}
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		following.run(ctx)
	}()
	defer func() { cancel(); <-done }()
	handler, err := withAnchoring(c, judge, api.New(judge, following.ready))
	if err != nil {
		return err
	}
	return listen(ctx, c.listenAddress, handler)
}

// Time limits of a connection.
const (
	headerTimeout   = 10 * time.Second
	answerTimeout   = 60 * time.Second
	shutdownTimeout = 15 * time.Second
)

// listen answers until ctx ends, and then lets running requests finish.
func listen(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s (LISTEN_ADDRESS): %w", address, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: answerTimeout}
	slog.Info("witness listens", "address", listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		return errors.Join(fmt.Errorf("shut down: %w", err), server.Close())
	}
	return nil
}
