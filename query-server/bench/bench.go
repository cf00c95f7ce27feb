// Package bench measures what reading takes, through the query server's own program with real tokens, on databases of one
// and ten million ticket lines: 2,000 stores, 20,000 products, 200 manufacturers, a year. The databases are filled by the
// statements that the projector uses, in a PostgreSQL server of their own, and stay for the next time.
//
// Each figure is taken on both sizes, which shows how it grows.
package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// Config says what to measure with, and how much.
type Config struct {
	Database string // URL of a superuser of the PostgreSQL server
	Server   string // the query server's program
	Listen   string // where it is to listen
	Lines    []int  // sizes, the smallest first
	Times    int    // that each question is asked
	AtRate   time.Duration
	Live     time.Duration // 0: leave listeners out
	Progress func(message string)

	password string // of the query server's login
}

// queryRole is the login of query servers, which the migrations make.
const queryRole = "tillproof_query"

// Run makes the databases that are not there yet, and measures.
func Run(ctx context.Context, c Config) (*Report, error) {
	cluster, err := openCluster(c.Database)
	if err != nil {
		return nil, err
	}
	c.password = rand.Text()
	report := newReport()
	for _, lines := range c.Lines {
		size, err := c.measure(ctx, cluster, chain{lines})
		if err != nil {
			return nil, fmt.Errorf("with %d lines: %w", lines, err)
		}
		report.Sizes = append(report.Sizes, size)
	}
	if c.Live == 0 {
		return report, nil
	}
	c.Progress(fmt.Sprintf("%d listeners for %s", listeners, c.Live))
	if report.Live, err = c.listen(ctx, cluster, chain{c.Lines[0]}); err != nil {
		return nil, fmt.Errorf("with listeners: %w", err)
	}
	return report, nil
}

// measure asks everything on one size.
func (c Config) measure(ctx context.Context, cluster cluster, chain chain) (size Size, err error) {
	began := time.Now()
	database, err := cluster.database(ctx, chain, c.Progress)
	if err != nil {
		return size, err
	}
	size.Lines, size.LoadSeconds = chain.lines, time.Since(began).Seconds()
	err = c.with(ctx, cluster, database, func(s *server, owner *pgxpool.Pool) error {
		c.Progress(fmt.Sprintf("%d lines: sales", chain.lines))
		if size.Year, err = s.sales(ctx, owner, yearByStoreAndMonth, c.Times); err != nil {
			return err
		}
		if size.Month, err = s.sales(ctx, owner, monthByProductStoreAndDay, c.Times); err != nil {
			return err
		}
		c.Progress(fmt.Sprintf("%d lines: points and tickets", chain.lines))
		if size.Points, err = s.points(ctx, c.AtRate); err != nil {
			return err
		}
		size.Tickets, err = s.tickets(ctx, c.Times)
		return err
	})
	return size, err
}

// listen measures the stream, in a copy of the chain: it records.
func (c Config) listen(ctx context.Context, cluster cluster, chain chain) (live *Live, err error) {
	from, err := cluster.database(ctx, chain, c.Progress)
	if err != nil {
		return nil, err
	}
	database, drop, err := cluster.copy(ctx, from)
	if err != nil {
		return nil, err
	}
	defer drop()
	err = c.with(ctx, cluster, database, func(s *server, owner *pgxpool.Pool) error {
		result, err := s.live(ctx, owner, chain, c.Live)
		live = &result
		return err
	})
	return live, err
}

// with starts the server on a database for as long as measure runs.
func (c Config) with(ctx context.Context, cluster cluster, database string, measure func(*server, *pgxpool.Pool) error) error {
	if err := hotstate.SetLoginPassword(ctx, cluster.url(database, nil), queryRole, c.password); err != nil {
		return err
	}
	owner, err := pgxpool.New(ctx, cluster.url(database, nil))
	if err != nil {
		return err
	}
	defer owner.Close()
	s, err := start(ctx, c, cluster.url(database, url.UserPassword(queryRole, c.password)))
	if err != nil {
		return err
	}
	if err := measure(s, owner); err != nil {
		s.stop()
		return err
	}
	return s.stop()
}
