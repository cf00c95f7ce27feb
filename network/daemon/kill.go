package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Kill ends the daemon of that name at once, without a chance to put anything in order, as a power cut would. It says
// whether the daemon ran. Its record stays: Ensure starts it again.
func (s *Supervisor) Kill(ctx context.Context, name string) (bool, error) {
	r, err := readRecord(recordFile(s.records, name))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !r.alive() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.notify("killing " + name)
	if err := signal(r, syscall.SIGKILL); err != nil {
		return false, fmt.Errorf("kill %s: %w", name, err)
	}
	if err := awaitEnd(ctx, r, killWithin); err != nil {
		return true, fmt.Errorf("kill %s (process %d): %w", name, r.PID, err)
	}
	return true, nil
}
