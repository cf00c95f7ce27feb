package recorder_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/recorder"
)

// Every external write, once lost and once done but reported as failed: each ticket is on the ledger exactly once.
func TestFaults(t *testing.T) {
	patient := quick
	patient.Lease = time.Hour // calls are counted: nobody takes over because the machine is busy
	impatient := patient
	impatient.Deadline = 0
	for _, c := range []struct {
		name    string
		config  recorder.Config
		faults  func(call string, nth int) ledgertest.Fault
		refuse  string // a condition on new, of the update of book.batches that the database refuses once
		endorse int    // calls that it takes
		submit  int
	}{
		{name: "none", endorse: 1, submit: 1},
		{name: "endorse lost", faults: once("endorse", 1, ledgertest.Lost), endorse: 2, submit: 1},
		{name: "endorse done but failed", faults: once("endorse", 1, ledgertest.DoneButFailed), endorse: 2, submit: 1},
		{name: "envelope not stored", refuse: "new.state = 'endorsed'", endorse: 2, submit: 1},
		{name: "submit lost", faults: once("submit", 1, ledgertest.Lost), endorse: 1, submit: 2},
		{name: "submit done but failed", faults: once("submit", 1, ledgertest.DoneButFailed), endorse: 1, submit: 2},
		{name: "submit lost beyond the deadline", config: impatient, faults: once("submit", 1, ledgertest.Lost), endorse: 2, submit: 2},
		{name: "submit done beyond the deadline", config: impatient, faults: once("submit", 1, ledgertest.DoneButFailed), endorse: 2, submit: 1},
		{name: "overtaken", faults: once("submit", 1, ledgertest.Overtaken), endorse: 2, submit: 2},
		{name: "commit not noted", refuse: "new.state = 'committed' and old.state = 'endorsed'", endorse: 2, submit: 1},
		{name: "everything twice", faults: twice, endorse: 3, submit: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			l.Faults = c.faults
			if c.refuse != "" {
				refuseOnce(t, shop, c.refuse)
			}
			if c.config == (recorder.Config{}) {
				c.config = patient
			}
			keys := shop.Accept(t, ledgertest.Sales(10)...)
			start(t, shop.Collector, l, shop.Keys, c.config)
			settled(t, shop)
			recordedOnce(t, l, keys)
			if endorse, submit := l.Calls("endorse"), l.Calls("submit"); endorse != c.endorse || submit != c.submit {
				t.Errorf("endorsed %d times and submitted %d times, want %d and %d", endorse, submit, c.endorse, c.submit)
			}
		})
	}
}

// twice: an endorsement lost, then one done but failed; a submission lost, then one done but failed.
func twice(_ string, nth int) ledgertest.Fault {
	return []ledgertest.Fault{ledgertest.Lost, ledgertest.DoneButFailed, ledgertest.None}[min(nth, 3)-1]
}

// refuseOnce makes the database refuse one update of a batch.
func refuseOnce(t *testing.T, shop *ledgertest.Shop, condition string) {
	t.Helper()
	shop.Exec(t, `create sequence public.refusals; grant usage on public.refusals to public`)
	shop.Exec(t, `create function public.refuse() returns trigger language plpgsql as $$
		begin
			if nextval('public.refusals') = 1 then raise exception 'the disk is full'; end if; -- nextval outlives the rollback
			return new;
		end $$`)
	shop.Exec(t, fmt.Sprintf(`create trigger refuse before update on book.batches for each row when (%s)
		execute function public.refuse()`, condition))
}

// A recorder that is gone, wherever it was, has a successor when its lease runs out.
func TestTakeOver(t *testing.T) {
	for name, call := range map[string]string{"after the claim": "endorse", "after the envelope": "submit"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			l.Faults = once(call, 1, ledgertest.Hangs)
			keys := shop.Accept(t, ledgertest.Sales(10)...)
			doomed := ofItsOwn(t, shop)
			start(t, doomed, l, shop.Keys, quick)
			ledgertest.Eventually(t, "the call that hangs", func() bool { return l.Calls(call) == 1 })
			doomed.Close()

			start(t, shop.Collector, l, shop.Keys, quick)
			settled(t, shop)
			recordedOnce(t, l, keys)
			if call == "submit" && l.Calls("endorse") != 1 {
				t.Errorf("endorsed %d times: the stored envelope was not the one submitted", l.Calls("endorse"))
			}
		})
	}
}

// A recorder that is told to stop hands its batches back: nobody waits for its lease.
func TestHandBack(t *testing.T) {
	for _, call := range []string{"endorse", "submit"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			l.Faults = once(call, 1, ledgertest.Hangs)
			keys := shop.Accept(t, ledgertest.Sales(10)...)
			long := quick
			long.Lease = 24 * time.Hour
			stop := start(t, shop.Collector, l, shop.Keys, long)
			ledgertest.Eventually(t, "the call that hangs", func() bool { return l.Calls(call) == 1 })
			stop()

			start(t, shop.Collector, l, shop.Keys, long)
			settled(t, shop)
			recordedOnce(t, l, keys)
		})
	}
}

// A database that goes away and comes back: the recorder goes on by itself.
func TestOutage(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := shop.Accept(t, ledgertest.Sales(200)...)
	start(t, shop.Collector, l, shop.Keys, quick)
	ledgertest.Eventually(t, "a first batch", func() bool { return l.Calls("submit") > 0 })
	shop.TakeAway(t)
	shop.GiveBack(t)
	shop.Owner.Reset() // the test's own connections are gone too
	settled(t, shop)
	recordedOnce(t, l, keys)
}
