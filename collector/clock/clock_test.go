package clock_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/tillproof/tillproof/collector/clock"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// An operator reads at /readyz which clock is wrong, and by how much.
func TestReady(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	for off, want := range map[time.Duration]string{
		0: "", 50 * time.Second: "", -50 * time.Second: "",
		time.Hour: "1h0m0s ahead of the database's", -2 * time.Minute: "2m0s behind the database's",
	} {
		watch := clock.NewWatch(db.Collector, slog.New(slog.DiscardHandler), func() time.Time { return time.Now().Add(off) })
		err := watch.Ready(t.Context())
		reason, told := err.(interface{ Reason() string })
		if told != (want != "") || told && !strings.Contains(reason.Reason(), want) {
			t.Errorf("%s off: %v, want %q", off, err, want)
		}
		if ahead := testutil.ToFloat64(watch.Metrics()[0]); ahead < off.Seconds()-5 || ahead > off.Seconds()+5 {
			t.Errorf("%s off: the metric says %f s", off, ahead)
		}
	}
	db.TakeAway(t)
	defer db.GiveBack(t)
	watch := clock.NewWatch(db.Collector, slog.New(slog.DiscardHandler), time.Now)
	if err := watch.Ready(t.Context()); err == nil {
		t.Error("without a database the clock is said to be right")
	}
}

// fixedDB is a database whose clock runs with the test's own, some time off.
type fixedDB struct {
	hotstate.DB
	off time.Duration
	err error
}

func (f *fixedDB) QueryRow(context.Context, string, ...any) pgx.Row { return f }

func (f *fixedDB) Scan(dest ...any) error {
	*dest[0].(*time.Time) = time.Now().Add(f.off)
	return f.err
}

func (f *fixedDB) Exec(context.Context, string, ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, errors.ErrUnsupported
}

// That the clocks differ is logged once, and so is that they agree again.
func TestTheLogTellsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		db := &fixedDB{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			clock.NewWatch(db, slog.New(slog.NewTextHandler(&log, nil)), time.Now).Run(ctx)
		}()
		for _, off := range []time.Duration{0, time.Second, -time.Hour, -time.Hour, 0, 0} {
			db.off = off
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		cancel()
		<-done
		if text := log.String(); strings.Count(text, "differ") != 1 || strings.Count(text, "agree again") != 1 || !strings.Contains(text, "ahead=1h0m0s") {
			t.Errorf("the log says\n%s", text)
		}
	})
}
