package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// databasePrefix begins the names of our databases; the rest says how large.
const databasePrefix = "tillproof_queries_"

// A cluster is the PostgreSQL server that the databases are made in. It is ours alone.
type cluster struct {
	owner *url.URL // of a superuser
}

func openCluster(ownerURL string) (cluster, error) {
	u, err := url.Parse(ownerURL)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return cluster{}, fmt.Errorf("the database's URL must be like postgres://user:password@host:port/postgres")
	}
	return cluster{owner: u}, nil
}

// url is the way into a database, as the owner or, with a password, as another login.
func (c cluster) url(database string, login *url.Userinfo) string {
	u := *c.owner
	u.Path = "/" + database
	if login != nil {
		u.User = login
	}
	return u.String()
}

// database gives the database with the chain in it. One that an earlier run made is brought to the present schema and used
// again, if it has kept all blocks.
func (c cluster) database(ctx context.Context, chain chain, progress func(string)) (name string, err error) {
	conn, err := pgx.Connect(ctx, c.url("postgres", nil))
	if err != nil {
		return "", fmt.Errorf("connect to the database server: %w", err)
	}
	defer conn.Close(ctx)
	name = fmt.Sprintf("%s%d", databasePrefix, chain.lines)
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil {
		return "", err
	}
	if there {
		whole, err := c.refresh(ctx, name, chain)
		if err != nil || whole {
			return name, err
		}
	}
	if err := c.make(ctx, conn, name+unfinished, chain, progress); err != nil {
		return "", fmt.Errorf("make the database of %d lines: %w", chain.lines, err)
	}
	return name, replace(ctx, conn, name)
}

// refresh migrates a database, and reports whether the chain is in it still.
func (c cluster) refresh(ctx context.Context, name string, chain chain) (whole bool, err error) {
	if err := hotstate.Migrate(ctx, c.url(name, nil)); err != nil {
		return false, nil // of another history than ours: it is made anew
	}
	conn, err := pgx.Connect(ctx, c.url(name, nil))
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	next, err := hotstate.ViewNextBlock(ctx, conn, channel)
	return next == uint64(chain.blocks()), err
}

// unfinished ends the name of a database until all of it is there.
const unfinished = "_unfinished"

func (c cluster) make(ctx context.Context, conn *pgx.Conn, name string, chain chain, progress func(string)) error {
	if err := drop(ctx, conn, name); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "create database "+name); err != nil {
		return err
	}
	if err := hotstate.Migrate(ctx, c.url(name, nil)); err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, c.url(name, nil))
	if err != nil {
		return err
	}
	defer pool.Close()
	return chain.fill(ctx, pool, progress)
}

// copy makes a database to change, which remove drops.
func (c cluster) copy(ctx context.Context, from string) (name string, remove func(), err error) {
	conn, err := pgx.Connect(ctx, c.url("postgres", nil))
	if err != nil {
		return "", nil, fmt.Errorf("connect to the database server: %w", err)
	}
	name = from + unfinished
	if err = drop(ctx, conn, name); err == nil {
		_, err = conn.Exec(ctx, fmt.Sprintf("create database %s template %s", name, from))
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("copy a database: %w", err), conn.Close(ctx))
	}
	return name, func() {
		_ = drop(ctx, conn, name) // if it fails, the next run does it
		conn.Close(ctx)
	}, nil
}

// replace puts what was made in the place of what was there.
func replace(ctx context.Context, conn *pgx.Conn, name string) error {
	if err := drop(ctx, conn, name); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, fmt.Sprintf("alter database %s rename to %s", name+unfinished, name))
	return err
}

func drop(ctx context.Context, conn *pgx.Conn, name string) error {
	_, err := conn.Exec(ctx, fmt.Sprintf("drop database if exists %s with (force)", name))
	return err
}
