// Command tillproof-bench measures a running system; it is what scripts/bench calls.
//
//	tillproof-bench [-quick] -env FILE -out FILE
//
// Exit codes: 0 good, 1 failed, 2 usage.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tillproof/tillproof/collector/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := flag.String("env", ".run/env", "the env `file` of the running system")
	out := flag.String("out", "bench/latest.json", "the `file` to write the figures to")
	quick := flag.Bool("quick", false, "measure within a minute")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "error: %q is not an option\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(ctx, *env, *out, *quick); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, env, out string, quick bool) error {
	config := bench.Full
	if quick {
		config = bench.Quick
	}
	config.Progress = func(message string) { fmt.Println("  " + message) }
	report, err := bench.Run(ctx, env, config)
	if err != nil {
		return err
	}
	fmt.Println()
	report.Print(os.Stdout)
	content, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(out), 0o755), os.WriteFile(out, append(content, '\n'), 0o644)); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	fmt.Println("\nAs JSON:", out)
	return nil
}
