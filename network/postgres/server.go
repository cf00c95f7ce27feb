package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/network/daemon"
	"github.com/tillproof/tillproof/network/durable"
)

// Owner is the role that owns the cluster, and Database what is made in it.
const (
	Owner    = "tillproof"
	Database = "tillproof"
)

const dataName = "data" // the cluster's folder in the server's directory

// A Server is a cluster of our own.
type Server struct {
	programs Programs
	account  account
	port     int
	password string
}

// NewServer prepares a server whose files are in dir, or, where that cannot
// be, in a place that dir's name leads to.
func NewServer(ctx context.Context, programs Programs, dir string, port int, password string) (*Server, error) {
	account, err := chooseAccount(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &Server{programs: programs, account: account, port: port, password: password}
	if err := s.account.makeHome(); err != nil {
		return nil, fmt.Errorf("make the database's directory: %w", err)
	}
	return s, s.sharePrograms()
}

// URL is the owner's way into a database of the server.
func (s *Server) URL(database string) string { return OwnURL(s.port, s.password, database) }

// OwnURL is the same for a server that is yet to come.
func OwnURL(port int, password, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(Owner, password),
		Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// DataMajor is the version that made the cluster in dir, or 0 if there is none
// yet: a cluster can only be run by the version that made it.
func DataMajor(dir string) (int, error) {
	for _, home := range []string{dir, otherHome(dir)} {
		content, err := os.ReadFile(filepath.Join(home, dataName, "PG_VERSION"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimSpace(string(content)))
	}
	return 0, nil
}

// RemoveData deletes the cluster whose directory is dir, wherever it is.
func RemoveData(dir string) error {
	if os.Geteuid() == 0 {
		if err := os.RemoveAll(otherHome(dir)); err != nil {
			return err
		}
		_ = os.Remove(homeForOthers) // stays if it is not empty
	}
	return os.RemoveAll(dir)
}

// Initialise makes the cluster if there is none. It appears complete or not
// at all.
func (s *Server) Initialise(ctx context.Context) error {
	if exists(s.data()) {
		return nil
	}
	unfinished, err := durable.Folder(s.data())
	if err != nil {
		return err
	}
	if err := s.account.give(unfinished); err != nil {
		return err
	}
	passwordFile := filepath.Join(s.account.home, "password")
	if err := os.WriteFile(passwordFile, []byte(s.password+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(passwordFile)
	if err := s.account.give(passwordFile); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, filepath.Join(s.programs.Directory, "initdb"),
		"--pgdata="+unfinished, "--username="+Owner, "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums")
	command.Env, command.Dir, command.SysProcAttr = s.programs.environment(), s.account.home, s.account.attributes()
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(output))
	}
	return durable.Move(unfinished, s.data())
}

func (s *Server) data() string { return filepath.Join(s.account.home, dataName) }

// Spec is how the server is run.
func (s *Server) Spec() daemon.Spec {
	return daemon.Spec{
		Name:       "postgres",
		Program:    s.programs.Postgres(),
		Args:       s.arguments(),
		Env:        s.programs.environment(),
		Dir:        s.account.home,
		StopSignal: syscall.SIGINT, // ends connections; SIGTERM would wait for them
		Attributes: s.account.namespace,
		User:       s.account.user,
		Prepare:    s.removeStaleLock,
		Ready:      func(ctx context.Context) error { return Ping(ctx, s.URL("postgres")) },
	}
}

func (s *Server) arguments() []string {
	args := []string{"-D", s.data()}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(s.port),
		"unix_socket_directories=",
		"max_connections=200",
		"shared_buffers=1GB",
		// A till waits for the log to be flushed. It does not also wait while a
		// new file of the log is filled with zeros, nor for what a large commit
		// beside it has written; and checkpoints, after which whole pages are
		// logged again, come after some gigabytes and not after a minute.
		"wal_init_zero=off",
		"wal_writer_delay=10ms",
		"wal_writer_flush_after=256kB",
		"max_wal_size=2GB",
		"checkpoint_timeout=15min",
		"timezone=UTC",
		"log_timezone=UTC",
		// Queries here take milliseconds; compiling their plans takes longer.
		"jit=off",
		// A refused statement's values, and the rows an error is about, are
		// people's data: they stay out of the log.
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

// removeStaleLock removes the lock file that a killed server left. The process
// id in it may be another program's by now, which would keep the server from
// starting. No server of ours runs at this point, or it would be on record.
func (s *Server) removeStaleLock() error {
	file := filepath.Join(s.data(), "postmaster.pid")
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	if pid, err := strconv.Atoi(strings.TrimSpace(first)); err == nil {
		if line, err := daemon.CommandLine(pid); err == nil && strings.Contains(line, s.data()) {
			return fmt.Errorf("process %d already serves the database in %s: stop it first", pid, s.data())
		}
	}
	return os.Remove(file)
}

// Ping connects and asks for nothing.
func Ping(ctx context.Context, databaseURL string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}
