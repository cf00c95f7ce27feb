package hotstate_test

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// Several programs start at once, each migrates; none may fail, and the schema is made once.
func TestMigrateAtOnceAndAgain(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	exec(t, db, "drop schema if exists book cascade")
	exec(t, db, "drop schema if exists view cascade")
	exec(t, db, "drop table goose_db_version")

	var programs sync.WaitGroup
	for range 3 {
		programs.Go(func() {
			if err := hotstate.Migrate(t.Context(), db.URL); err != nil {
				t.Error(err)
			}
		})
	}
	programs.Wait()
	if _, err := db.Collector.Exec(t.Context(), "insert into book.stores (store_id, name) values ('1', 'One')"); err != nil {
		t.Fatal(err)
	}
	if err := hotstate.Migrate(t.Context(), db.URL); err != nil {
		t.Fatal(err)
	}
	var stores int
	if err := db.Owner.QueryRow(t.Context(), "select count(*) from book.stores").Scan(&stores); err != nil || stores != 1 {
		t.Errorf("after migrating again: %d stores, %v", stores, err)
	}
}

func TestMigrateRefusesNewerDatabase(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	exec(t, db, "insert into goose_db_version (version_id, is_applied) values (9999, true)")
	if err := hotstate.Migrate(t.Context(), db.URL); !errors.Is(err, hotstate.ErrNewerDatabase) {
		t.Errorf("got %v", err)
	}
}

// The login roles can reach no more than they are for.
func TestLoginRolesAreConfined(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	if _, err := db.Query.Exec(t.Context(), "select * from book.tickets"); err == nil {
		t.Error("tillproof_query reads book.tickets without having set a role")
	}
	if _, err := db.Query.Exec(t.Context(), "select * from book.users"); err == nil {
		t.Error("tillproof_query reads book.users without having set a role")
	}
	if _, err := db.Collector.Exec(t.Context(), "drop table book.tickets"); err == nil {
		t.Error("tillproof_collector may drop book.tickets")
	}
	if _, err := db.Collector.Exec(t.Context(), "create table book.mine ()"); err == nil {
		t.Error("tillproof_collector may create tables")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for address, want := range map[string]string{
		"postgres://nobody:geheim@127.0.0.1:1/none": "PostgreSQL does not answer at 127.0.0.1:1",
		"postgres://nobody:geheim@127.0.0.1:x/none": "read the database URL",
	} {
		pool, err := hotstate.Open(ctx, address)
		if err == nil {
			pool.Close()
			t.Errorf("%s: opened", address)
			continue
		}
		requireContains(t, err.Error(), want)
		requireNotContains(t, err.Error(), "geheim")
	}
	db := hotstatetest.New(t)
	missing, err := url.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	missing.Path = "/tillproof_missing"
	if _, err = hotstate.Open(ctx, missing.String()); err == nil {
		t.Fatal("opened a database that is not there")
	}
	requireContains(t, err.Error(), `there is no database "tillproof_missing"`)
}
