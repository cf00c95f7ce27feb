package hotstate_test

import (
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

func TestWhenThereIsEnoughForABatch(t *testing.T) {
	t.Parallel()
	size := hotstate.BatchSize{Tickets: 10, Wait: time.Second}
	for name, test := range map[string]struct {
		work hotstate.Work
		want bool
	}{
		"nothing":                       {hotstate.Work{ReceivedAt: time.Now().Add(-time.Hour)}, false},
		"nine, just now":                {hotstate.Work{Oldest: 1, Newest: 9, ReceivedAt: time.Now()}, false},
		"ten, just now":                 {hotstate.Work{Oldest: 1, Newest: 10, ReceivedAt: time.Now()}, true},
		"one that has waited":           {hotstate.Work{Oldest: 1, Newest: 1, ReceivedAt: time.Now().Add(-time.Second)}, true},
		"one of a clock a little ahead": {hotstate.Work{Oldest: 1, Newest: 1, ReceivedAt: time.Now().Add(time.Second)}, false},
		"one of a clock an hour ahead":  {hotstate.Work{Oldest: 1, Newest: 1, ReceivedAt: time.Now().Add(time.Hour)}, true},
	} {
		if got := test.work.Enough(size); got != test.want {
			t.Errorf("%s: enough is %v, want %v", name, got, test.want)
		}
	}
}

func TestAGlanceSeesBatchesLeftBehind(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	const lease = 30 * time.Second
	for until, want := range map[string]bool{
		"now() - interval '1 second'": true,
		"now() + interval '1 minute'": false,
		"now() + interval '1 day'":    true, // given before the database's clock was set back
	} {
		if _, err := db.Owner.Exec(t.Context(), "delete from book.batches"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Owner.Exec(t.Context(), "insert into book.batches (lease_until) select "+until); err != nil {
			t.Fatal(err)
		}
		work, err := hotstate.GlanceAtWork(t.Context(), db.Collector, 0, lease)
		if err != nil || work.Abandoned != want {
			t.Errorf("a batch leased until %s: abandoned is %v, %v, want %v", until, work.Abandoned, err, want)
		}
	}
}
