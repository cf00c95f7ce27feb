package hotstate

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewerDatabase says that a later Tillproof has already migrated the database.
var ErrNewerDatabase = errors.New("the database was migrated by a newer Tillproof; run that version, or restore a backup")

// How long one of several starting programs waits for the one that migrates: 300 tries, one a second.
const (
	lockRetrySeconds = 1
	lockRetries      = 300
)

// Migrate brings the database to this program's schema. It needs the owner's login, does nothing where there is nothing
// to do, and may be called by several programs at once.
func Migrate(ctx context.Context, ownerURL string) error {
	config, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return fmt.Errorf("read the database URL: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return explainConnect(err, config)
	}
	provider, err := newProvider(db)
	if err != nil {
		return fmt.Errorf("prepare the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return checkNotNewer(ctx, provider)
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockRetrySeconds, lockRetries))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}

func checkNotNewer(ctx context.Context, provider *goose.Provider) error {
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; version > newest {
		return fmt.Errorf("database version %d, program version %d: %w", version, newest, ErrNewerDatabase)
	}
	return nil
}

// SchemaDigest names the schema that Migrate makes: SHA-256 over the migrations, in their order.
func SchemaDigest() (string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return "", fmt.Errorf("list the migrations: %w", err)
	}
	digest := sha256.New()
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read migration %s: %w", name, err)
		}
		fmt.Fprintf(digest, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
