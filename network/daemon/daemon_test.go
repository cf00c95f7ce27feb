package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	ossignal "os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The test binary stands in for the launcher and for the daemons.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case LaunchCommand:
			fmt.Fprintln(os.Stderr, Launch(os.Args[2:]))
			os.Exit(1)
		case "serve":
			if err := os.WriteFile(os.Args[2], []byte(fmt.Sprint(os.Getpid())), 0o600); err != nil {
				os.Exit(1)
			}
			stop := make(chan os.Signal, 1)
			ossignal.Notify(stop, syscall.SIGTERM)
			<-stop
			os.Exit(0)
		case "die":
			fmt.Fprintln(os.Stderr, "the disk is on fire")
			os.Exit(3)
		}
	}
	os.Exit(m.Run())
}

func newSupervisor(t *testing.T) (*Supervisor, string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSupervisor(filepath.Join(dir, "pids"), filepath.Join(dir, "log"), self, func(m string) { t.Log(m) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.StopAll(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

// serving is a daemon that writes its process id to a file and goes on.
func serving(t *testing.T, dir, name string, order int, args ...string) Spec {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name+".serving")
	return Spec{
		Name: name, Order: order, Program: self, Args: append([]string{"serve", file}, args...),
		Prepare: func() error { return os.RemoveAll(file) },
		Ready: func(context.Context) error {
			_, err := os.Stat(file)
			return err
		},
	}
}

func pidOf(t *testing.T, s *Supervisor, name string) int {
	t.Helper()
	r, err := readRecord(recordFile(s.records, name))
	if err != nil {
		t.Fatal(err)
	}
	if !r.alive() {
		t.Fatalf("%s does not run", name)
	}
	return r.PID
}

func TestEnsureLeavesWhatRunsAlone(t *testing.T) {
	s, dir := newSupervisor(t)
	spec := serving(t, dir, "peer", 1)
	ensure(t, s, spec)
	first := pidOf(t, s, "peer")

	ensure(t, s, spec)

	if second := pidOf(t, s, "peer"); second != first {
		t.Errorf("process %d was replaced by %d though nothing had changed", first, second)
	}
}

func TestEnsureRestartsWhatWasKilled(t *testing.T) {
	s, dir := newSupervisor(t)
	spec := serving(t, dir, "peer", 1)
	ensure(t, s, spec)
	r, err := readRecord(recordFile(s.records, "peer"))
	if err != nil {
		t.Fatal(err)
	}
	if err := signal(r, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := awaitEnd(context.Background(), r, killWithin); err != nil {
		t.Fatal(err)
	}

	ensure(t, s, spec)

	if pidOf(t, s, "peer") == r.PID {
		t.Error("the killed process is still on record")
	}
}

func TestEnsureRestartsOnChange(t *testing.T) {
	s, dir := newSupervisor(t)
	input := filepath.Join(dir, "core.yaml")
	writeFile(t, input, "one")
	spec := serving(t, dir, "peer", 1)
	spec.Inputs = []string{input}

	ensure(t, s, spec)
	first := pidOf(t, s, "peer")
	writeFile(t, input, "two")
	ensure(t, s, spec)
	second := pidOf(t, s, "peer")
	spec.Env = []string{"LEVEL=warn"}
	ensure(t, s, spec)
	third := pidOf(t, s, "peer")

	if first == second {
		t.Error("a changed configuration file did not restart the daemon")
	}
	if second == third {
		t.Error("a changed environment did not restart the daemon")
	}
}

func TestADaemonStepsBackForOthers(t *testing.T) {
	s, dir := newSupervisor(t)
	usual, back := serving(t, dir, "usual", 1), serving(t, dir, "back", 1)
	back.Niceness = 7
	ensure(t, s, usual, back)
	if from, to := nicenessOf(t, s, "usual"), nicenessOf(t, s, "back"); to <= from || to > 19 {
		t.Errorf("niceness %d, of the other one %d", to, from)
	}
	back.Niceness = 8
	before := pidOf(t, s, "back")
	ensure(t, s, usual, back)
	if pidOf(t, s, "back") == before {
		t.Error("it runs on with the niceness of before")
	}
}

func nicenessOf(t *testing.T, s *Supervisor, name string) (niceness int) {
	t.Helper()
	output, err := exec.Command("ps", "-o", "nice=", "-p", fmt.Sprint(pidOf(t, s, name))).Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(output), &niceness); err != nil {
		t.Fatal(err)
	}
	return niceness
}

func TestADaemonsSessionStepsBackForOthers(t *testing.T) {
	s, dir := newSupervisor(t)
	usual, back := serving(t, dir, "usual", 1), serving(t, dir, "back", 1)
	back.Niceness = 7
	ensure(t, s, usual, back)
	if from, to := sessionNiceness(t, s, "usual"), sessionNiceness(t, s, "back"); from != 0 || to != 7 {
		t.Errorf("niceness %d, of the other one %d", to, from)
	}
}

// sessionNiceness is what Linux goes by between sessions.
func sessionNiceness(t *testing.T, s *Supervisor, name string) (niceness int) {
	t.Helper()
	file := fmt.Sprintf("/proc/%d/autogroup", pidOf(t, s, name))
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this kernel does not group sessions: there is no %s", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	var group int
	if _, err := fmt.Sscanf(string(content), "/autogroup-%d nice %d", &group, &niceness); err != nil {
		t.Fatalf("%s: %q: %v", file, content, err)
	}
	return niceness
}

func TestStopAllSparesAReusedProcessID(t *testing.T) {
	s, dir := newSupervisor(t)
	ensure(t, s, serving(t, dir, "bystander", 1))
	pid := pidOf(t, s, "bystander")
	// A record from before a reboot, whose process id somebody else now has.
	old := record{Name: "peer", PID: pid, Began: "another boot/1", StopSignal: syscall.SIGKILL}
	if err := writeRecord(recordFile(s.records, "peer"), old); err != nil {
		t.Fatal(err)
	}
	others, err := NewSupervisor(filepath.Join(dir, "others"), s.logs, s.launcher, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(recordFile(s.records, "peer"), recordFile(others.records, "peer")); err != nil {
		t.Fatal(err)
	}

	stopped, err := others.StopAll(context.Background())
	if err != nil {
		t.Fatal(err)
	}

	if len(stopped) != 0 {
		t.Errorf("stopped %v, want nothing", stopped)
	}
	if pidOf(t, s, "bystander") != pid {
		t.Error("a program that was not ours was stopped")
	}
}

func TestStopAllGoesBackwards(t *testing.T) {
	s, dir := newSupervisor(t)
	ensure(t, s, serving(t, dir, "orderer", 1), serving(t, dir, "peer", 2), serving(t, dir, "collector", 3))

	stopped, err := s.StopAll(context.Background())
	if err != nil {
		t.Fatal(err)
	}

	if got := strings.Join(stopped, " "); got != "collector peer orderer" {
		t.Errorf("stopped in the order %q, want collector peer orderer", got)
	}
	for _, name := range []string{"orderer", "peer", "collector"} {
		if runs, err := s.Running(name); err != nil || runs {
			t.Errorf("%s: runs = %v, error %v; want it stopped", name, runs, err)
		}
	}
}

func TestEnsureSaysWhyADaemonDied(t *testing.T) {
	s, _ := newSupervisor(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	spec := Spec{Name: "peer", Program: self, Args: []string{"die"}, Ready: func(context.Context) error { return errors.New("not yet") }}

	err = s.Ensure(context.Background(), spec)

	if err == nil {
		t.Fatal("a daemon that died was called ready")
	}
	for _, want := range []string{"the disk is on fire", s.LogFile("peer"), "exit status 3"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestLaunchRefusesASecondCopy(t *testing.T) {
	s, dir := newSupervisor(t)
	ensure(t, s, serving(t, dir, "peer", 1))
	pid := pidOf(t, s, "peer")

	err := Launch([]string{recordFile(s.records, "peer"), `{"name":"peer"}`, "/bin/true"})

	if err == nil || !strings.Contains(err.Error(), "already running") {
		t.Errorf("error = %v, want one that says it is already running", err)
	}
	if pidOf(t, s, "peer") != pid {
		t.Error("the running daemon's record was overwritten: down would miss it")
	}
}

func TestLogsOfEarlierStartsStay(t *testing.T) {
	dir := t.TempDir()
	for i := range keptLogs + 3 {
		log, err := openLog(dir, "peer")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(log, "start", i)
		log.Close()
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != keptLogs+1 {
		t.Errorf("%d logs, want the present one and %d earlier", len(entries), keptLogs)
	}
	if got := tail(filepath.Join(dir, "peer.log.1"), 5); got != fmt.Sprint("start ", keptLogs+1) {
		t.Errorf("the log before the present one says %q", got)
	}
}

func ensure(t *testing.T, s *Supervisor, specs ...Spec) {
	t.Helper()
	if err := s.Ensure(context.Background(), specs...); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKill(t *testing.T) {
	s, dir := newSupervisor(t)
	ctx := context.Background()
	spec, other := serving(t, dir, "a", 1), serving(t, dir, "b", 2)
	if err := s.Ensure(ctx, spec, other); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if killed, err := s.Kill(ctx, "a"); killed != want || err != nil {
			t.Errorf("killed = %v, %v; want %v", killed, err, want)
		}
	}
	if running, _ := s.Running("a"); running {
		t.Error("it runs on")
	}
	if running, _ := s.Running("b"); !running {
		t.Error("the other one was killed too")
	}
	if err := s.Ensure(ctx, spec); err != nil {
		t.Errorf("it does not start again: %v", err)
	}
	if killed, err := s.Kill(ctx, "nobody"); killed || err != nil {
		t.Errorf("killed nobody: %v, %v", killed, err)
	}
}

func TestProcessesAreThoseThatRun(t *testing.T) {
	s, dir := newSupervisor(t)
	ensure(t, s, serving(t, dir, "a", 1), serving(t, dir, "b", 2))
	if _, err := s.Kill(context.Background(), "a"); err != nil {
		t.Fatal(err)
	}
	got, err := Processes(s.records)
	if err != nil || len(got) != 1 || got["b"] != pidOf(t, s, "b") {
		t.Errorf("got %v, %v; want b alone, as %d", got, err, pidOf(t, s, "b"))
	}
}
