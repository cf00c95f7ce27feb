package reconciliation_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/tillproof/tillproof/collector/reconciliation"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// The shop of hotstatetest has five recorded tickets, two on their way and a conflict; here a till leaves numbers out, too.
func shop(t *testing.T) *hotstatetest.Database {
	t.Helper()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	_, err := db.Owner.Exec(t.Context(), `update book.tickets set sequence_number = 9
		where transaction_id = (select transaction_id from book.tickets where state = 'accepted' and store_id = 'Nord/1, "A"')`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestReport(t *testing.T) {
	t.Parallel()
	db := shop(t)
	report, err := reconciliation.Read(t.Context(), db.Collector)
	if err != nil {
		t.Fatal(err)
	}
	if r := report; r.Accepted != r.Recorded+r.Rejected+r.Missing || r.Recorded != 5 || r.Missing != 2 || r.Conflicts != 1 ||
		int64(len(r.MissingTickets)) != r.Missing || int64(len(r.InConflict)) != r.Conflicts {
		t.Errorf("%+v", r)
	}
	left := int64(0)
	for _, gap := range report.SequenceGaps {
		left += gap.To - gap.From + 1
	}
	if left == 0 || left != report.Gaps {
		t.Errorf("the gaps %+v come to %d numbers, counted were %d", report.SequenceGaps, left, report.Gaps)
	}
	var people, programs bytes.Buffer
	if err := report.Print(&people); err != nil {
		t.Fatal(err)
	}
	if err := report.PrintJSON(&programs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"missing", report.MissingTickets[0].TransactionID, report.InConflict[0].Reason, "left out"} {
		if !strings.Contains(people.String(), want) {
			t.Errorf("%q is missing in\n%s", want, people.String())
		}
	}
	for _, want := range []string{`"missing": 2`, `"transactionId"`, `"sequenceGaps": [`} {
		if !strings.Contains(programs.String(), want) {
			t.Errorf("%q is missing in\n%s", want, programs.String())
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	db := shop(t)
	watch := reconciliation.NewWatch(db.Collector)
	registry := prometheus.NewRegistry()
	registry.MustRegister(watch.Metrics()...)
	if families, err := registry.Gather(); err != nil || len(families) != 0 {
		t.Errorf("before the first count: %v, %v", families, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); watch.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); testutil.CollectAndCount(watch.Metrics()[0]) == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	<-done
	want := `
		# HELP tillproof_reconciled_tickets Tickets by what became of them: accepted = recorded + rejected + missing. Conflicts are among the rejected.
		# TYPE tillproof_reconciled_tickets gauge
		tillproof_reconciled_tickets{state="accepted"} 8
		tillproof_reconciled_tickets{state="conflict"} 1
		tillproof_reconciled_tickets{state="missing"} 2
		tillproof_reconciled_tickets{state="recorded"} 5
		tillproof_reconciled_tickets{state="rejected"} 1
	`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "tillproof_reconciled_tickets"); err != nil {
		t.Error(err)
	}
}
