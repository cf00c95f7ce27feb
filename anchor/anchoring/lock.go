package anchoring

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// ErrStandby says that another service anchors; this one takes its place when it ends.
var ErrStandby = errors.New("another anchor service is at work on this database; this one waits to take its place")

// A DatabaseLock is held by a connection of its own, and ends with it.
type DatabaseLock struct {
	URL  string
	conn *pgx.Conn
}

// Hold takes the lock, or makes sure that it is still held.
func (l *DatabaseLock) Hold(ctx context.Context) error {
	if l.conn != nil {
		if err := l.conn.Ping(ctx); err == nil {
			return nil
		}
		l.Release(ctx)
	}
	conn, err := pgx.Connect(ctx, l.URL)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	locked, err := hotstate.LockAnchoring(ctx, conn)
	if err == nil && !locked {
		err = ErrStandby
	}
	if err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	l.conn = conn
	return nil
}

// Release lets another service anchor.
func (l *DatabaseLock) Release(ctx context.Context) {
	if l.conn != nil {
		l.conn.Close(ctx) // a broken connection ends the lock as well
		l.conn = nil
	}
}
