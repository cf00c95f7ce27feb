package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// EnsureDatabase makes the database if it is not there, and returns its URL.
func (s *Server) EnsureDatabase(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", fmt.Errorf("connect to the database server: %w", err)
	}
	defer conn.Close(ctx)
	var there bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, Database).Scan(&there)
	if err != nil {
		return "", fmt.Errorf("look for database %s: %w", Database, err)
	}
	if !there {
		if _, err := conn.Exec(ctx, `create database `+pgx.Identifier{Database}.Sanitize()); err != nil {
			return "", fmt.Errorf("create database %s: %w", Database, err)
		}
	}
	return s.URL(Database), nil
}

// CheckVersion refuses a server that is too old.
func CheckVersion(ctx context.Context, databaseURL string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var number string // 150018 for 15.18
	if err := conn.QueryRow(ctx, `show server_version_num`).Scan(&number); err != nil {
		return fmt.Errorf("ask for the server's version: %w", err)
	}
	version, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("the server's version is %q: %w", number, err)
	}
	if major := version / 10_000; major < OldestMajor {
		return fmt.Errorf("the server is PostgreSQL %d, and version %d or later is needed", major, OldestMajor)
	}
	return nil
}

// AsRole is the same database's URL for another login role.
func AsRole(databaseURL, role, password string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The URL holds a password, so it is not repeated here.
		return "", fmt.Errorf("DATABASE_URL is not of the form postgres://user:password@host:port/database")
	}
	u.User = url.UserPassword(role, password)
	return u.String(), nil
}
