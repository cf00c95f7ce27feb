package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// LaunchCommand is the first argument by which a Supervisor calls its launcher.
const LaunchCommand = "launch"

// Launch is the launcher's side of a start. Its arguments are the record's
// file, the record, and the program with its arguments. It completes the
// record with its own process id and becomes the program, which keeps that id.
func Launch(args []string) error {
	if len(args) < 3 {
		return errors.New("launch: want a record file, a record and a program")
	}
	file, program := args[0], args[2]
	var r record
	if err := json.Unmarshal([]byte(args[1]), &r); err != nil {
		return fmt.Errorf("launch %s: %w", program, err)
	}
	if earlier, err := readRecord(file); err == nil && earlier.alive() {
		// A start whose supervisor was killed came through just now.
		return fmt.Errorf("launch %s: process %d is already running", program, earlier.PID)
	}
	var err error
	r.PID = os.Getpid()
	if r.Began, err = began(r.PID); err != nil {
		return fmt.Errorf("launch %s: %w", program, err)
	}
	if err := writeRecord(file, r); err != nil {
		return fmt.Errorf("launch %s: %w", program, err)
	}
	runtime.LockOSThread() // see stepBack
	if err := stepBack(r.Niceness); err != nil {
		return fmt.Errorf("launch %s: step back for others: %w", program, err)
	}
	if err := become(r.User); err != nil {
		return fmt.Errorf("launch %s: %w", program, err)
	}
	if err := syscall.Exec(program, args[2:], os.Environ()); err != nil {
		return fmt.Errorf("launch %s: %w", program, err)
	}
	return nil
}

// become gives up who we are, once the record is written.
func become(u *User) error {
	if u == nil {
		return nil
	}
	return errors.Join(syscall.Setgroups(nil), syscall.Setgid(u.GID), syscall.Setuid(u.UID))
}
