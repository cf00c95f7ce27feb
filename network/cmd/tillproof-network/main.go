// Command tillproof-network runs the whole of Tillproof on this machine; it is
// what scripts/up and scripts/down call.
//
//	tillproof-network -repository DIR up [--data DIR | --no-data]
//	tillproof-network -repository DIR up --database-only
//	tillproof-network -repository DIR down [--clean]
//
// Exit codes: 0 good, 1 failed, 2 usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/tillproof/tillproof/network/daemon"
	"github.com/tillproof/tillproof/network/stack"
)

func main() {
	syscall.Umask(0o077) // keys, passwords and receipts are nobody else's
	if len(os.Args) > 1 && os.Args[1] == daemon.LaunchCommand {
		exit(1, daemon.Launch(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends us at once
	err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		exit(0, nil)
	case errors.As(err, &usage{}):
		exit(2, err)
	case err != nil && ctx.Err() != nil:
		exit(1, errors.New("interrupted; scripts/up goes on from here, scripts/down stops what was started"))
	case err != nil:
		exit(1, err)
	}
}

func exit(code int, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(code)
}

// usage is an error of whoever called us.
type usage struct{ error }

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("tillproof-network", flag.ContinueOnError)
	repository := flags.String("repository", ".", "the repository's root")
	if err := parse(flags, args); err != nil {
		return err
	}
	configuration, err := stack.FromEnvironment(*repository, os.Getenv, func(message string) {
		fmt.Println("  " + message)
	})
	if err != nil {
		return err
	}
	switch command := flags.Arg(0); command {
	case "up":
		return up(ctx, configuration, flags.Args()[1:])
	case "down":
		return down(ctx, configuration, flags.Args()[1:])
	default:
		return usage{fmt.Errorf("the command is %q; it can be up or down", command)}
	}
}

func up(ctx context.Context, configuration stack.Configuration, args []string) error {
	flags := flag.NewFlagSet("scripts/up", flag.ContinueOnError)
	var data stack.Data
	flags.StringVar(&data.Folder, "data", "", "load the `folder`'s stores, customers, manufacturers, products and tickets (.ndjson) instead of the demo's")
	flags.BoolVar(&data.None, "no-data", false, "load nothing")
	alone := flags.Bool("database-only", false, "start PostgreSQL alone; its address is DATABASE_URL in the env file")
	if err := parseAll(flags, args); err != nil {
		return err
	}
	if *alone {
		return stack.UpDatabase(ctx, configuration)
	}
	report, err := stack.Up(ctx, configuration, data)
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	return nil
}

func down(ctx context.Context, configuration stack.Configuration, args []string) error {
	flags := flag.NewFlagSet("scripts/down", flag.ContinueOnError)
	clean := flags.Bool("clean", false, "also remove the data")
	if err := parseAll(flags, args); err != nil {
		return err
	}
	return stack.Down(ctx, configuration, *clean)
}

func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return usage{err}
	}
	return nil
}

func parseAll(flags *flag.FlagSet, args []string) error {
	if err := parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return usage{fmt.Errorf("%q is not an option", flags.Arg(0))}
	}
	return nil
}
