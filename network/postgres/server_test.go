package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/network/daemon"
)

// The test binary stands in for the supervisor's launcher.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == daemon.LaunchCommand {
		fmt.Fprintln(os.Stderr, daemon.Launch(os.Args[2:]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestServer runs a real cluster: as an ordinary user, or as root in a user
// namespace, whichever the test is.
func TestServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "postgres")
	server := newServer(t, dir, freePort(t))
	runServer(t, server)
}

// TestServerAsAnotherUser is root's second way.
func TestServerAsAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can run a program as another user")
	}
	dir := filepath.Join(t.TempDir(), "postgres")
	t.Cleanup(func() {
		if err := RemoveData(dir); err != nil {
			t.Error(err)
		}
	})
	// That the directory exists is what makes a server stay with this way.
	if err := os.MkdirAll(otherHome(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	server := newServer(t, dir, freePort(t))
	if server.account.user == nil {
		t.Fatal("the server would not run as another user")
	}
	runServer(t, server)
}

func runServer(t *testing.T, server *Server) {
	ctx := context.Background()
	if err := server.Initialise(ctx); err != nil {
		t.Fatal(err)
	}
	supervisor := newSupervisor(t)
	if err := supervisor.Ensure(ctx, server.Spec()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds it there
		if _, err := server.EnsureDatabase(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := CheckVersion(ctx, server.URL(Database)); err != nil {
		t.Error(err)
	}
	wrong, err := AsRole(server.URL(Database), Owner, "wrong")
	if err != nil {
		t.Fatal(err)
	}
	if err := Ping(ctx, wrong); err == nil {
		t.Error("a wrong password was let in")
	}
	checkSurvivesKill(t, supervisor, server)
}

// checkSurvivesKill also puts a living process's id into the lock file: after
// a reboot it may well be somebody else's.
func checkSurvivesKill(t *testing.T, supervisor *daemon.Supervisor, server *Server) {
	t.Helper()
	ctx := context.Background()
	execute(t, server, `create table receipt (id int); insert into receipt values (42)`)
	if _, err := supervisor.StopAll(ctx); err != nil {
		t.Fatal(err)
	}
	lock := fmt.Sprintf("%d\n%s\n", os.Getppid(), server.data())
	if err := os.WriteFile(filepath.Join(server.data(), "postmaster.pid"), []byte(lock), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := supervisor.Ensure(ctx, server.Spec()); err != nil {
		t.Fatal(err)
	}
	execute(t, server, `do $$ begin if (select id from receipt) <> 42 then raise 'lost'; end if; end $$`)
}

func TestDiscoverNamesWhatItWants(t *testing.T) {
	_, err := Discover(context.Background(), 9999)
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("error = %v, want ErrNotFound: no machine has version 9999", err)
	}
}

func TestDataMajor(t *testing.T) {
	dir := t.TempDir()
	if major, err := DataMajor(dir); err != nil || major != 0 {
		t.Errorf("without a cluster: %d, %v; want 0", major, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, dataName), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, dataName, "PG_VERSION"), []byte("17\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if major, err := DataMajor(dir); err != nil || major != 17 {
		t.Errorf("with a cluster of version 17: %d, %v", major, err)
	}
}

func TestParseVersion(t *testing.T) {
	tests := map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": 15,
		"postgres (PostgreSQL) 18.4\n":                           18,
		"postgres (PostgreSQL) 19beta1\n":                        19,
	}
	for output, want := range tests {
		if got, err := parseVersion(output); err != nil || got != want {
			t.Errorf("parseVersion(%q) = %d, %v; want %d", output, got, err, want)
		}
	}
	if _, err := parseVersion("bash: postgres: command not found"); err == nil {
		t.Error("took a shell's error for a version")
	}
}

func TestAsRole(t *testing.T) {
	got, err := AsRole("postgres://owner:old@127.0.0.1:8090/tillproof?sslmode=disable", "tillproof_query", "p@ss/word")
	if err != nil {
		t.Fatal(err)
	}
	if want := "postgres://tillproof_query:p%40ss%2Fword@127.0.0.1:8090/tillproof?sslmode=disable"; got != want {
		t.Errorf("AsRole = %s, want %s", got, want)
	}
	_, err = AsRole("host=127.0.0.1 password=secret", "tillproof_query", "x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error = %v, want one without the password", err)
	}
}

func newServer(t *testing.T, dir string, port int) *Server {
	t.Helper()
	ctx := context.Background()
	programs, err := Discover(ctx, 0)
	if errors.Is(err, ErrNotFound) {
		t.Skip("this machine has no PostgreSQL server programs")
	}
	if err != nil {
		t.Fatal(err)
	}
	server, err := NewServer(ctx, programs, dir, port, "password of a test")
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func newSupervisor(t *testing.T) *daemon.Supervisor {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	supervisor, err := daemon.NewSupervisor(filepath.Join(dir, "pids"), filepath.Join(dir, "log"), self, func(m string) { t.Log(m) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := supervisor.StopAll(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return supervisor
}

func execute(t *testing.T, server *Server, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server.URL(Database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
