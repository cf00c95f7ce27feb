// Package hotstatetest gives every test a real database of its own.
//
// The server is the one of TILLPROOF_TEST_DATABASE_URL, as a superuser. The schema is migrated once into a template
// database, named for the schema's digest, and each test gets a copy of it, dropped when the test ends. The tests of
// several packages may do so at once.
package hotstatetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// EnvironmentVariable holds the URL of the server to test with.
const EnvironmentVariable = "TILLPROOF_TEST_DATABASE_URL"

// Few enough that some tests at once stay below a server's usual 100 connections.
const maxConns = 8

// Database is a test's own, as three logins see it.
type Database struct {
	URL       string        // the owner's
	Owner     *pgxpool.Pool // may do everything
	Collector *pgxpool.Pool // as tillproof_collector
	Query     *pgxpool.Pool // as tillproof_query, which must set a role to read anything

	serverURL, name string
}

// New makes the test's database. Without the environment variable the test is skipped; with a wrong one it fails.
func New(t testing.TB) *Database {
	t.Helper()
	serverURL := os.Getenv(EnvironmentVariable)
	if serverURL == "" {
		t.Skipf("%s is not set: scripts/test starts a PostgreSQL server and sets it", EnvironmentVariable)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	name, err := create(ctx, serverURL)
	if err != nil {
		t.Fatalf("make a test database in the server of %s: %v", EnvironmentVariable, err)
	}
	t.Cleanup(func() { drop(t, serverURL, name) })

	databaseURL, err := withDatabase(serverURL, name)
	if err != nil {
		t.Fatal(err)
	}
	return &Database{
		URL:       databaseURL,
		Owner:     open(t, databaseURL, ""),
		Collector: open(t, databaseURL, "tillproof_collector"),
		Query:     open(t, databaseURL, "tillproof_query"),
		serverURL: serverURL,
		name:      name,
	}
}

// As gives a pool of another login.
func (d *Database) As(t testing.TB, role string) *pgxpool.Pool {
	t.Helper()
	return open(t, d.URL, role)
}

// TakeAway is an outage: the database ends every session and lets nobody in until GiveBack.
func (d *Database) TakeAway(t testing.TB) {
	t.Helper()
	d.onServer(t, fmt.Sprintf("alter database %s allow_connections false", d.name))
	d.onServer(t, fmt.Sprintf("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '%s'", d.name))
}

// GiveBack ends an outage.
func (d *Database) GiveBack(t testing.TB) {
	t.Helper()
	d.onServer(t, fmt.Sprintf("alter database %s allow_connections true", d.name))
}

func (d *Database) onServer(t testing.TB, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.serverURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// open gives a pool whose sessions are role's. The session is authorised as the role rather than logged in, since roles
// and their passwords are the whole server's, which other databases share. What the role may do is the same.
func open(t testing.TB, databaseURL, role string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = maxConns
	if role != "" {
		config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "set session authorization "+pgx.Identifier{role}.Sanitize())
			return err
		}
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// create copies the template, which it makes first where it is missing.
func create(ctx context.Context, serverURL string) (string, error) {
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if err := requireSuperuser(ctx, conn); err != nil {
		return "", err
	}
	template, err := ensureTemplate(ctx, conn, serverURL)
	if err != nil {
		return "", err
	}
	suffix := make([]byte, 8)
	rand.Read(suffix)
	name := "tillproof_test_" + hex.EncodeToString(suffix)
	_, err = conn.Exec(ctx, fmt.Sprintf("create database %s template %s", name, template))
	return name, err
}

func requireSuperuser(ctx context.Context, conn *pgx.Conn) error {
	var is bool
	if err := conn.QueryRow(ctx, "select rolsuper from pg_roles where rolname = current_user").Scan(&is); err != nil {
		return err
	}
	if !is {
		return fmt.Errorf("it must log in as a superuser, to make databases and to act as the login roles")
	}
	return nil
}

// ensureTemplate holds a lock while it looks and builds, so that one of many test processes builds.
func ensureTemplate(ctx context.Context, conn *pgx.Conn, serverURL string) (string, error) {
	digest, err := hotstate.SchemaDigest()
	if err != nil {
		return "", err
	}
	template := "tillproof_template_" + digest[:16]
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtextextended('tillproof test template', 0))"); err != nil {
		return "", err
	}
	defer conn.Exec(ctx, "select pg_advisory_unlock_all()")

	var exists bool
	query := "select exists (select from pg_database where datname = $1)"
	if err := conn.QueryRow(ctx, query, template).Scan(&exists); err != nil || exists {
		return template, err
	}
	return template, buildTemplate(ctx, conn, serverURL, template)
}

// buildTemplate gives the template its name last: one that exists under it is complete.
func buildTemplate(ctx context.Context, conn *pgx.Conn, serverURL, template string) error {
	building := template + "_building"
	if _, err := conn.Exec(ctx, "drop database if exists "+building); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "create database "+building); err != nil {
		return err
	}
	databaseURL, err := withDatabase(serverURL, building)
	if err != nil {
		return err
	}
	if err := hotstate.Migrate(ctx, databaseURL); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("alter database %s rename to %s", building, template))
	return err
}

func drop(t testing.TB, serverURL, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		t.Errorf("drop test database: %v", err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, fmt.Sprintf("drop database %s with (force)", name)); err != nil {
		t.Errorf("drop test database: %v", err)
	}
}

// withDatabase puts another database's name into a URL or a list of key=value.
func withDatabase(serverURL, name string) (string, error) {
	if !strings.Contains(serverURL, "://") {
		return serverURL + " dbname=" + name, nil // of two settings the last one holds
	}
	u, err := url.Parse(serverURL)
	if err != nil {
		return "", fmt.Errorf("read %s: not a URL", EnvironmentVariable) // the parser's own words could show a password
	}
	u.Path = "/" + name
	return u.String(), nil
}
