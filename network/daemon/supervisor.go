package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Supervisor starts and stops daemons whose records and logs are in two
// directories. Only one may work on them at a time; the caller sees to that.
type Supervisor struct {
	records  string
	logs     string
	launcher string
	notify   func(message string)
}

// NewSupervisor makes both directories. The launcher is a program that hands
// the arguments after LaunchCommand to Launch; notify is told of each start
// and stop.
func NewSupervisor(records, logs, launcher string, notify func(string)) (*Supervisor, error) {
	for _, dir := range []string{records, logs} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	return &Supervisor{records: records, logs: logs, launcher: launcher, notify: notify}, nil
}

// Ensure starts those daemons that do not run, restarts those that run with
// another program or configuration, and returns when all are ready.
func (s *Supervisor) Ensure(ctx context.Context, specs ...Spec) error {
	exits := make([]<-chan error, len(specs))
	for i, spec := range specs {
		exit, err := s.ensureStarted(ctx, spec)
		if err != nil {
			return fmt.Errorf("start %s: %w", spec.Name, err)
		}
		exits[i] = exit
	}
	for i, spec := range specs {
		if err := s.awaitReady(ctx, spec, exits[i]); err != nil {
			return err
		}
	}
	return nil
}

// Running says whether the daemon of that name runs, with whatever version of
// its program and configuration.
func (s *Supervisor) Running(name string) (bool, error) {
	r, err := readRecord(recordFile(s.records, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && r.alive(), err
}

// LogFile is where the daemon of that name writes.
func (s *Supervisor) LogFile(name string) string { return logFile(s.logs, name) }

func (s *Supervisor) ensureStarted(ctx context.Context, spec Spec) (<-chan error, error) {
	wanted, err := fingerprint(spec)
	if err != nil {
		return nil, err
	}
	r, err := readRecord(recordFile(s.records, spec.Name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && r.alive() {
		if r.Fingerprint == wanted {
			return nil, nil
		}
		if err := s.stop(ctx, r); err != nil {
			return nil, err
		}
	}
	if spec.Prepare != nil {
		if err := spec.Prepare(); err != nil {
			return nil, err
		}
	}
	s.notify("starting " + spec.Name)
	return s.start(spec, record{
		Name: spec.Name, Order: spec.Order, Fingerprint: wanted, StopSignal: spec.stopSignal(), User: spec.User, Niceness: spec.Niceness,
	})
}

// start returns a channel that gets the program's end, should it come.
func (s *Supervisor) start(spec Spec, r record) (<-chan error, error) {
	content, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	log, err := openLog(s.logs, spec.Name)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	args := append([]string{LaunchCommand, recordFile(s.records, spec.Name), string(content), spec.Program}, spec.Args...)
	command := exec.Command(s.launcher, args...)
	command.Env = spec.Env
	if command.Env == nil {
		command.Env = []string{} // nil would mean ours
	}
	command.Dir = spec.Dir
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = detached(spec.Attributes)
	if err := command.Start(); err != nil {
		return nil, err
	}
	exit := make(chan error, 1)
	go func() { exit <- command.Wait() }()
	return exit, nil
}

// detached gives the program a session of its own, so that neither a closed
// terminal nor an interrupt key reaches it.
func detached(attributes *syscall.SysProcAttr) *syscall.SysProcAttr {
	own := syscall.SysProcAttr{}
	if attributes != nil {
		own = *attributes
	}
	own.Setsid = true
	return &own
}

const readyPollEvery = 200 * time.Millisecond

func (s *Supervisor) awaitReady(ctx context.Context, spec Spec, exit <-chan error) error {
	if spec.Ready == nil {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, spec.readyWithin())
	defer cancel()
	ticker := time.NewTicker(readyPollEvery)
	defer ticker.Stop()
	for {
		notReady := spec.Ready(waiting)
		if notReady == nil {
			return nil
		}
		select {
		case err := <-exit:
			return s.failure(spec.Name, fmt.Errorf("stopped right after its start: %w", exitReason(err)))
		case <-waiting.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return s.failure(spec.Name, fmt.Errorf("is not ready after %s: %w", spec.readyWithin(), notReady))
		case <-ticker.C:
		}
	}
}

func exitReason(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// failure adds what the daemon itself had to say.
func (s *Supervisor) failure(name string, err error) error {
	file := s.LogFile(name)
	last := tail(file, 15)
	if last == "" {
		return fmt.Errorf("%s %w (its log, %s, is empty)", name, err, file)
	}
	return fmt.Errorf("%s %w; the end of its log, %s:\n    %s", name, err, file, strings.ReplaceAll(last, "\n", "\n    "))
}
