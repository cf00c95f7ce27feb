// Command tillproof-query-bench measures what reading takes; it is what scripts/bench --queries calls.
//
//	tillproof-query-bench -server PROGRAM [-listen ADDRESS] [-out FILE] [-lines N,N] [-times N] [-at-rate D] [-live D]
//
// DATABASE_URL is a superuser's, of a PostgreSQL server that nobody else uses.
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
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tillproof/tillproof/query-server/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config := bench.Config{Database: os.Getenv("DATABASE_URL"), Progress: func(message string) { fmt.Println("  " + message) }}
	flag.StringVar(&config.Server, "server", "", "the query server's `program`")
	flag.StringVar(&config.Listen, "listen", "127.0.0.1:38201", "`address` for it to listen on")
	flag.IntVar(&config.Times, "times", 400, "how often each question is asked")
	flag.DurationVar(&config.AtRate, "at-rate", 20*time.Second, "how long points are asked for")
	flag.DurationVar(&config.Live, "live", time.Minute, "how long listeners listen; 0 leaves them out")
	lines := flag.String("lines", "1000000,10000000", "sizes of the databases, in `lines` of tickets")
	out := flag.String("out", "bench/queries.json", "the `file` to write the figures to")
	flag.Parse()
	for part := range strings.SplitSeq(*lines, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 10_000 {
			usage(fmt.Sprintf("-lines has %q; it must be numbers from 10000 on, separated by commas", part))
		}
		config.Lines = append(config.Lines, n)
	}
	if flag.NArg() > 0 || config.Database == "" || config.Server == "" {
		usage("DATABASE_URL and -server are needed, and nothing but options")
	}
	if err := run(ctx, config, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func usage(what string) {
	fmt.Fprintln(os.Stderr, "error:", what)
	os.Exit(2)
}

func run(ctx context.Context, config bench.Config, out string) error {
	report, err := bench.Run(ctx, config)
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
