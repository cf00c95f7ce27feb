// Package registration keeps the book of stores, manufacturers, customers, products and users. Whole files of rows are
// registered by the thousand in one transaction; a row that breaks a rule is refused by itself.
package registration

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// DefaultRetailer is the retailer of what names none.
const DefaultRetailer = "main"

// Change says what a row did to the book.
type Change string

// The changes.
const (
	Created   Change = "created"
	Changed   Change = "changed"
	Unchanged Change = "unchanged"
)

// Result is what became of a row: how it stands in the book now, or why it was refused.
type Result[R any] struct {
	Row     R
	Change  Change
	Problem *problem.Problem // of a row that was refused
}

func refused[R any](p *problem.Problem) Result[R] { return Result[R]{Problem: p} }

// Service registers rows.
type Service struct {
	pool  *pgxpool.Pool
	clock func() time.Time
}

// NewService makes a service. The clock is time.Now, but in tests.
func NewService(pool *pgxpool.Pool, clock func() time.Time) *Service {
	return &Service{pool: pool, clock: clock}
}

// inOrder runs work in a transaction that is alone in changing registrations, so that what it read stays true until it
// has written.
func (s *Service) inOrder(ctx context.Context, what string, work func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := hotstate.LockRegistrations(ctx, tx); err != nil {
			return err
		}
		return work(tx)
	})
	if err != nil {
		return fmt.Errorf("register %s: %w", what, err)
	}
	return nil
}

// sheet is the rows of one kind while a list of them is registered: those read, and on top the changes still to be
// written. A row that comes twice meets its own first change.
type sheet[K comparable, R any] struct {
	rows  map[K]R
	dirty map[K]bool
	order []K // of dirty, as they came
}

func newSheet[K comparable, R any](rows map[K]R) *sheet[K, R] {
	return &sheet[K, R]{rows: rows, dirty: map[K]bool{}}
}

func (s *sheet[K, R]) put(key K, row R) {
	s.rows[key] = row
	if !s.dirty[key] {
		s.dirty[key] = true
		s.order = append(s.order, key)
	}
}

// changed gives the rows to be written, each once.
func (s *sheet[K, R]) changed() []R {
	rows := make([]R, len(s.order))
	for i, key := range s.order {
		rows[i] = s.rows[key]
	}
	return rows
}

// judge puts a row that is new or other than before.
func (s *sheet[K, R]) judge(key K, row R, same func(a, b R) bool) Result[R] {
	before, known := s.rows[key]
	switch {
	case !known:
		s.put(key, row)
		return Result[R]{Row: row, Change: Created}
	case same(before, row):
		return Result[R]{Row: row, Change: Unchanged}
	}
	s.put(key, row)
	return Result[R]{Row: row, Change: Changed}
}

func equal[R comparable](a, b R) bool { return a == b }

// unique gives each key of the rows once.
func unique[K comparable, R any](rows []R, keyOf func(R) K) []K {
	seen := make(map[K]bool, len(rows))
	var keys []K
	for _, row := range rows {
		if key := keyOf(row); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}
