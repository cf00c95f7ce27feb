package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// How long a program may take to end by itself, and then to be gone once it
// was killed.
const (
	stopWithin = 30 * time.Second
	killWithin = 10 * time.Second
)

// StopAll stops every daemon on record, the last started first, and returns
// the names of those that ran.
func (s *Supervisor) StopAll(ctx context.Context) ([]string, error) {
	records, err := readRecords(s.records)
	if err != nil {
		return nil, err
	}
	var stopped []string
	for _, r := range records {
		if r.alive() {
			if err := s.stop(ctx, r); err != nil {
				return stopped, err
			}
			stopped = append(stopped, r.Name)
		}
		if err := os.Remove(recordFile(s.records, r.Name)); err != nil {
			return stopped, err
		}
	}
	return stopped, nil
}

func (s *Supervisor) stop(ctx context.Context, r record) error {
	s.notify("stopping " + r.Name)
	if err := signal(r, r.StopSignal); err != nil {
		return fmt.Errorf("stop %s: %w", r.Name, err)
	}
	if err := awaitEnd(ctx, r, stopWithin); !errors.Is(err, errStillRuns) {
		return err
	}
	s.notify(r.Name + " does not stop by itself: killing it")
	if err := signal(r, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill %s: %w", r.Name, err)
	}
	if err := awaitEnd(ctx, r, killWithin); err != nil {
		return fmt.Errorf("kill %s (process %d): %w", r.Name, r.PID, err)
	}
	return nil
}

// signal checks once more, on a handle to the process, whose process it is:
// the id could have been used again since the record was read.
func signal(r record, sig syscall.Signal) error {
	process, err := os.FindProcess(r.PID)
	if err != nil {
		return err
	}
	defer process.Release()
	if !r.alive() {
		return nil
	}
	if err := process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

var errStillRuns = errors.New("still runs")

func awaitEnd(ctx context.Context, r record, within time.Duration) error {
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for r.alive() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timeout.C:
			return errStillRuns
		case <-ticker.C:
		}
	}
	return nil
}
