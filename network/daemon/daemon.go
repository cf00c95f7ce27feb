// Package daemon starts programs that outlive the command that starts them,
// and later stops exactly those.
//
// A daemon's record, pids/NAME.json, is written by the daemon's own process
// before it becomes the program (see Launch): there is no moment at which a
// program runs that no record names. The record holds the process id together
// with the moment the process began, so that a process id used again by
// somebody else's program is never taken for ours.
package daemon

import (
	"context"
	"syscall"
	"time"
)

// Spec says what to run, and how to tell that it works.
type Spec struct {
	// Name is the daemon's name in messages, and its record's and log's.
	Name string
	// Order is the place in the sequence of starts; stopping goes the other way.
	Order int

	Program string
	Args    []string
	Env     []string // the whole environment, nothing is inherited
	Dir     string

	// Inputs are files that the program reads at its start. A running daemon
	// whose program, arguments, environment or inputs have changed is restarted.
	Inputs []string

	// StopSignal asks the program to end; SIGTERM if zero.
	StopSignal syscall.Signal
	// Attributes are passed to the start, for instance a namespace to run in.
	Attributes *syscall.SysProcAttr
	// User, if given, is whom the program runs as. The record is still ours.
	User *User
	// Niceness, from 0 to 19, is how far the program steps back for others
	// that want the processor.
	Niceness int
	// Prepare, if given, runs just before a start (never while it runs).
	Prepare func() error
	// Ready returns nil once the program does its work.
	Ready func(context.Context) error
	// ReadyWithin bounds the wait for Ready; a minute if zero.
	ReadyWithin time.Duration
}

// A User is named by numbers.
type User struct {
	UID int `json:"uid"`
	GID int `json:"gid"`
}

func (s Spec) stopSignal() syscall.Signal {
	if s.StopSignal == 0 {
		return syscall.SIGTERM
	}
	return s.StopSignal
}

func (s Spec) readyWithin() time.Duration {
	if s.ReadyWithin == 0 {
		return time.Minute
	}
	return s.ReadyWithin
}
