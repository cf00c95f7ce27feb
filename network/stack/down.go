package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/tillproof/tillproof/network/durable"
	"github.com/tillproof/tillproof/network/envfile"
	"github.com/tillproof/tillproof/network/postgres"
)

// Down stops what Up started, and nothing else. If clean is set, it also
// removes what Up and the servers have made, but for the programs.
func Down(ctx context.Context, c Configuration, clean bool) error {
	if _, err := os.Stat(c.Run); errors.Is(err, fs.ErrNotExist) {
		c.Progress("nothing was ever started in " + c.Run)
		return nil
	}
	release, err := c.lock()
	if err != nil {
		return err
	}
	defer release()
	supervisor, err := c.newSupervisor()
	if err != nil {
		return err
	}
	stopped, err := supervisor.StopAll(ctx)
	if err != nil {
		return err
	}
	if len(stopped) == 0 {
		c.Progress("nothing was running")
	}
	if !clean {
		return nil
	}
	return c.clean()
}

// cleaningMarker stands while data are being removed. A network whose ledger
// is gone but whose database is not would be worse than either.
func (c Configuration) cleaningMarker() string { return c.in("cleaning") }

func (c Configuration) clean() error {
	c.Progress("removing the data")
	if err := c.sayGivenDatabase(); err != nil {
		return err
	}
	if err := os.WriteFile(c.cleaningMarker(), nil, 0o600); err != nil {
		return err
	}
	return c.finishCleaning()
}

// finishCleaning removes, by name, what was made; should the run directory be
// somewhere odd, nothing else there is touched.
func (c Configuration) finishCleaning() error {
	if _, err := os.Stat(c.cleaningMarker()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := postgres.RemoveData(c.postgres()); err != nil {
		return fmt.Errorf("remove the database: %w", err)
	}
	entries, err := os.ReadDir(c.Run)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name, _, _ := strings.Cut(entry.Name(), durable.Unfinished)
		if !slices.Contains(made, name) {
			continue
		}
		if err := os.RemoveAll(c.in(entry.Name())); err != nil {
			return fmt.Errorf("remove the data: %w", err)
		}
	}
	return os.Remove(c.cleaningMarker())
}

// made are the names in the run directory that Up and the servers make, but
// for the programs and the database.
var made = []string{"fabric", "crypto", "keys", "witness", "ethereum", "verifier", "demo", "loaded", "env", "log", "pids"}

func (c Configuration) sayGivenDatabase() error {
	env, err := envfile.Read(c.envFile())
	if err != nil {
		return err
	}
	if env.Get(keyDatabase) == givenDatabase {
		c.Progress("the database that DATABASE_URL names stays as it is; its schemas book and view belong to the network that is removed now: drop them before you use it again")
	}
	return nil
}
