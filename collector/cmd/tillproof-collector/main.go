// Command tillproof-collector is the write side: it takes tickets and registrations, and brings tickets to the ledger.
//
//	tillproof-collector [serve]      serves, with the configuration of its environment (see config.go)
//	tillproof-collector migrate      brings the database to this version and sets the login roles' passwords
//	tillproof-collector rebuild      makes all of the view again from the ledger, also while collectors serve
//	tillproof-collector reconcile    prints what tills were promised beside what the ledger has; --json for programs
//	tillproof-collector create-user  creates or changes a user; its password is in the environment variable PASSWORD
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // stores' time zones must not depend on the machine
)

// Exit codes: a failure, or a wrong command line.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	command, args := "serve", os.Args[1:]
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	if err := run(ctx, log, command, args); err != nil {
		log.Error(command, "error", err)
		if errors.Is(err, errUsage) {
			os.Exit(exitUsage)
		}
		os.Exit(exitFailed)
	}
}

var errUsage = errors.New("usage: tillproof-collector [serve | migrate | rebuild | reconcile [--json] | create-user --username NAME --role ROLE ...]")

func run(ctx context.Context, log *slog.Logger, command string, args []string) error {
	c, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	switch command {
	case "serve":
		return withoutArguments(args, func() error { return serve(ctx, log, c) })
	case "migrate":
		return withoutArguments(args, func() error { return migrate(ctx, log, c) })
	case "rebuild":
		return withoutArguments(args, func() error { return rebuild(ctx, log, c) })
	case "reconcile":
		return reconcile(ctx, c, args)
	case "create-user":
		return createUser(ctx, log, c, args)
	case "help", "-h", "--help":
		fmt.Println(errUsage)
		return nil
	}
	return fmt.Errorf("unknown command %q: %w", command, errUsage)
}

func withoutArguments(args []string, work func() error) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q: %w", args[0], errUsage)
	}
	return work()
}

func usage(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return fmt.Errorf("%w (%w)", err, errUsage)
}
