// Command tillproof-chaos kills parts of the system in TILLPROOF_RUN under load and draws the balance; it is what
// scripts/chaos calls.
//
//	tillproof-chaos -repository DIR [-cycles N] [-seed N]
//
// Exit codes: 0 the books agree, 1 they differ or could not be drawn, 2 usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tillproof/tillproof/collector/chaos"
	"github.com/tillproof/tillproof/network/stack"
)

func main() {
	syscall.Umask(0o077) // what is started again writes keys and receipts
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	repository := flag.String("repository", ".", "the repository's root")
	cycles := flag.Int("cycles", 22, "how many times a part is killed")
	seed := flag.Uint64("seed", 1+rand.Uint64N(1e9-1), "of what is killed when; printed, to have the same order again")
	flag.Parse()
	if flag.NArg() > 0 || *cycles < 1 {
		fmt.Fprintln(os.Stderr, "usage: scripts/chaos [--cycles N] [--seed N], with N at least 1")
		os.Exit(2)
	}
	if err := run(ctx, *repository, *cycles, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

var errDifferent = errors.New("the books differ")

func run(ctx context.Context, repository string, cycles int, seed uint64) error {
	began := time.Now()
	progress := func(message string) { fmt.Printf("  %6.1f s  %s\n", time.Since(began).Seconds(), message) }
	configuration, err := stack.FromEnvironment(repository, os.Getenv, func(string) {})
	if err != nil {
		return err
	}
	fmt.Printf("seed %d\n", seed)
	balance, err := chaos.Run(ctx, chaos.Config{Stack: configuration, Cycles: cycles, Seed: seed, Progress: progress})
	if err != nil {
		return err
	}
	balance.Print(os.Stdout)
	if len(balance.Differences) > 0 {
		return errDifferent
	}
	return nil
}
