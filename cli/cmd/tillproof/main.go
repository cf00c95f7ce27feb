// Command tillproof is Tillproof's tool for the command line: it uploads
// tickets, makes believable ones, verifies proofs and audits the log.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes.
const (
	exitGood   = 0
	exitFailed = 1
	exitUsage  = 2
)

// command is one thing the program can do.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, program program, arguments []string) error
}

var commands = []command{
	{"upload", "send tickets to a collector", runUpload},
	{"simulate", "make a believable retail chain and its tickets", runSimulate},
	{"verify", "verify a proof bundle, without any server of ours", runVerify},
	{"audit", "compare the log with one organisation's peer", runAudit},
}

// program is what a command gets of the world.
type program struct {
	configuration
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, program{
		configuration: readConfiguration(os.Getenv),
		stdin:         os.Stdin,
		stdout:        os.Stdout,
		stderr:        os.Stderr,
	}, os.Args[1:]))
}

func run(ctx context.Context, program program, arguments []string) int {
	if len(arguments) == 0 {
		printHelp(program.stderr)
		return exitUsage
	}
	name, arguments := arguments[0], arguments[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(arguments) == 0 {
			printHelp(program.stdout)
			return exitGood
		}
		name, arguments = arguments[0], []string{"--help"}
	}
	for _, command := range commands {
		if command.name == name {
			return exitCode(program.stderr, name, command.run(ctx, program, arguments))
		}
	}
	fmt.Fprintf(program.stderr, "tillproof: there is no command %q; `tillproof help` lists them\n", name)
	return exitUsage
}

// exitCode reports an error and says what the program ends with.
func exitCode(stderr io.Writer, name string, err error) int {
	var usage *usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitGood
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "tillproof %s: %v\n`tillproof %s --help` says more\n", name, err, name)
		return exitUsage
	case !errors.Is(err, errReported):
		fmt.Fprintf(stderr, "tillproof %s: %v\n", name, err)
	}
	return exitFailed
}

func printHelp(out io.Writer) {
	fmt.Fprint(out, "Tillproof's command line.\n\nusage: tillproof COMMAND [OPTIONS] …\n\n")
	for _, command := range commands {
		fmt.Fprintf(out, "  %-10s %s\n", command.name, command.summary)
	}
	fmt.Fprint(out, "\n`tillproof COMMAND --help` tells of a command.\n"+
		"Exit codes: 0 good, 1 failed, 2 wrong usage.\n")
}
