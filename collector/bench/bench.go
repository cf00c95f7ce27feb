// Package bench measures a running system the way its users meet it: through the collector's interface, until the view and
// both organisations' peers have every ticket. For comparison it brings tickets of the same content to the same ledger in
// the same run, one to a transaction.
//
// Tickets have ten lines, and every second one a member. They go into stores of the bench's own, and stay: a ledger
// forgets nothing.
package bench

import (
	"context"
	"fmt"
	"time"
)

// Config says how much to measure.
type Config struct {
	WarmUp     int           // tickets that go first, in files; a second lot of them shows about how quick the machine is
	Acceptance time.Duration // single tickets, at AcceptRate
	AcceptRate int           // tickets a second
	Files      time.Duration // about how long files are recorded for
	MinFiles   int           // tickets in files; with fewer, the wait for the last block would tell more than the rest
	MaxFiles   int
	Single     time.Duration // one ticket a transaction
	InFlight   int           // transactions of one ticket at once
	Lag        time.Duration // files at half the load they can be recorded at
	Progress   func(message string)
}

// Quick measures within a minute, Full for some minutes.
var (
	Quick = Config{WarmUp: 1000, Acceptance: 6 * time.Second, AcceptRate: 1000, Files: 7 * time.Second, MinFiles: 6000, MaxFiles: 30_000,
		Single: 6 * time.Second, InFlight: 100, Lag: 5 * time.Second}
	Full = Config{WarmUp: 3000, Acceptance: 30 * time.Second, AcceptRate: 1000, Files: 30 * time.Second, MinFiles: 20_000, MaxFiles: 150_000,
		Single: 20 * time.Second, InFlight: 100, Lag: 30 * time.Second}
)

// Run measures the system that an env file of scripts/up describes.
func Run(ctx context.Context, envFile string, c Config) (*Report, error) {
	s, err := open(ctx, envFile)
	if err != nil {
		return nil, err
	}
	defer s.close()
	report := newReport()
	memory := watchMemory(ctx, s)
	defer func() { report.CollectorPeakBytes = memory.stop() }()

	c.Progress("warming up")
	var pilot Throughput
	for range 2 { // the first opens connections and makes the members' keys
		if pilot, err = s.files(ctx, c.WarmUp, 0); err != nil {
			return nil, fmt.Errorf("warm up: %w", err)
		}
	}
	c.Progress(fmt.Sprintf("single tickets, %d a second", c.AcceptRate))
	if report.Acceptance, err = s.acceptance(ctx, c.AcceptRate, c.Acceptance); err != nil {
		return nil, fmt.Errorf("measure the acceptance of single tickets: %w", err)
	}
	tickets := min(max(int(pilot.PerSecond*c.Files.Seconds()), c.MinFiles), c.MaxFiles)
	c.Progress(fmt.Sprintf("%d tickets in files", tickets))
	if report.Files, err = s.accountedFiles(ctx, tickets); err != nil {
		return nil, fmt.Errorf("measure files: %w", err)
	}
	c.Progress(fmt.Sprintf("one ticket a transaction, %d in flight", c.InFlight))
	if report.Single, err = s.single(ctx, c.InFlight, c.Single); err != nil {
		return nil, fmt.Errorf("measure one ticket a transaction: %w", err)
	}
	half := report.Files.PerSecond / 2
	c.Progress(fmt.Sprintf("files at half the load, %.0f tickets a second", half))
	if report.Lag, err = s.lag(ctx, half, c.Lag); err != nil {
		return nil, fmt.Errorf("measure from acceptance to record: %w", err)
	}
	report.Ratio = report.Files.PerSecond / report.Single.PerSecond
	return report, nil
}
