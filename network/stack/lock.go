package stack

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lock keeps two of us from working on one run directory. The kernel gives it
// up when the process ends, however it ends.
func (c Configuration) lock() (release func(), err error) {
	file, err := os.OpenFile(c.in("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer file.Close()
		holder := make([]byte, 20)
		n, _ := file.Read(holder) // only for the message
		return nil, fmt.Errorf("another scripts/up or scripts/down (process %s) is at work in %s: wait until it has finished, and try again",
			strings.TrimSpace(string(holder[:n])), c.Run)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", file.Name(), err), file.Close())
	}
	if err := errors.Join(file.Truncate(0), writePID(file)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { file.Close() }, nil
}

func writePID(file *os.File) error {
	_, err := fmt.Fprintln(file, os.Getpid())
	return err
}
