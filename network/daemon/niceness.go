package daemon

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"
)

// stepBack leaves the priority as it is where none is asked for.
//
// On Linux niceness is a thread's, and the thread that calls exec is the one
// that the program begins with. But it counts among the threads of one session
// only: sessions, of which each daemon has its own, share the processors evenly
// between them where the kernel groups them (sched(7), "The autogroup
// feature"). There the session has a niceness too.
func stepBack(niceness int) error {
	if niceness == 0 {
		return nil
	}
	return errors.Join(syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness), sessionStepsBack("/proc/self/autogroup", niceness))
}

// The kernel lets one such change pass in a tenth of a second, whoever makes
// it, and refuses others. Root may always.
const (
	sessionTries = 100
	sessionPause = 50 * time.Millisecond
)

func sessionStepsBack(file string, niceness int) error {
	for try := 1; ; try++ {
		err := os.WriteFile(file, []byte(strconv.Itoa(niceness)), 0)
		switch {
		case errors.Is(err, fs.ErrNotExist): // this kernel does not group sessions
			return nil
		case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS): // as in some containers: it runs all the same
			return nil
		case !errors.Is(err, syscall.EAGAIN) || try == sessionTries:
			return err
		}
		time.Sleep(sessionPause)
	}
}
