// Command tillproof-bench measures a running system; it is what scripts/bench calls.
//
//	tillproof-bench [-quick] -env FILE -out FILE
//	tillproof-bench -file BYTES -env FILE -out FILE    large files alone, plain and compressed
//
// Exit codes: 0 good, 1 failed, 2 usage.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
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
	file := flag.Int64("file", 0, "upload files of so many `bytes`, and measure nothing else")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "error: %q is not an option\n", flag.Arg(0))
		os.Exit(2)
	}
	measure := func() (figures, error) { return pipeline(ctx, *env, *quick) }
	if *file > 0 {
		measure = func() (figures, error) { return bench.RunLargeFiles(ctx, *env, *file, progress) }
	}
	if err := run(measure, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// figures can be shown, and written as JSON.
type figures interface{ Print(io.Writer) }

func progress(message string) { fmt.Println("  " + message) }

func pipeline(ctx context.Context, env string, quick bool) (figures, error) {
	config := bench.Full
	if quick {
		config = bench.Quick
	}
	config.Progress = progress
	return bench.Run(ctx, env, config)
}

func run(measure func() (figures, error), out string) error {
	report, err := measure()
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
