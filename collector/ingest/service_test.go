package ingest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

var till = auth.Caller{ID: "u", Role: auth.Store, StoreIDs: []string{"S1"}}

func newService(t *testing.T) (*ingest.Service, *hotstatetest.Database) {
	t.Helper()
	db := hotstatetest.New(t)
	store := hotstate.Store{StoreID: "S1", Name: "One", RetailerID: "main", TimeZone: "UTC"}
	if err := hotstate.UpsertStores(t.Context(), db.Collector, []hotstate.Store{store}); err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ingest.NewService(db.Collector, keys, time.Now), db
}

func submission(t *testing.T, id string, number int) ingest.Submission {
	t.Helper()
	text := fmt.Sprintf(`{"schemaVersion":"1","transactionId":%q,"transactionType":"Sale","storeId":"S1","workstationId":"1",`+
		`"sequenceNumber":%d,"businessDayDate":"2026-03-02","endDateTime":"2026-03-02T10:00:00Z","currencyCode":"EUR",`+
		`"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"1","extendedAmount":5}],"totals":{"grand":5}}`, id, number)
	s, p := ingest.Read(till, []byte(text), time.Now())
	if p != nil {
		t.Fatalf("%+v", p)
	}
	return s
}

func countTickets(t *testing.T, db *hotstatetest.Database) (n int) {
	t.Helper()
	if err := db.Owner.QueryRow(t.Context(), "select count(*) from book.tickets").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Several send the same tickets in opposite orders: nobody waits in a circle, and each ticket is accepted once.
func TestAcceptInCrossingOrders(t *testing.T) {
	t.Parallel()
	service, db := newService(t)
	const n, senders = 60, 4
	forward := make([]ingest.Submission, n)
	for i := range forward {
		forward[i] = submission(t, uuid.NewString(), i+1)
	}
	backward := slices.Clone(forward)
	slices.Reverse(backward)

	var mu sync.Mutex
	count := map[ingest.Status]int{}
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			group := forward
			if i%2 == 1 {
				group = backward
			}
			outcomes, err := service.Accept(t.Context(), group)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, outcome := range outcomes {
				count[outcome.Status]++
			}
		})
	}
	sending.Wait()
	if count[ingest.Accepted] != n || count[ingest.Duplicate] != n*(senders-1) || countTickets(t, db) != n {
		t.Errorf("%v, %d tickets", count, countTickets(t, db))
	}
}

// Ids and numbers that are exchanged crosswise can make two transactions wait for each other. PostgreSQL ends one of
// them, and it begins anew: all the same, everything is decided.
func TestAcceptBreaksDeadlocks(t *testing.T) {
	t.Parallel()
	service, _ := newService(t)
	const n = 40
	ids := make([]string, n)
	for i := range ids {
		ids[i] = uuid.NewString()
	}
	var sending sync.WaitGroup
	for sender := range 3 {
		group := make([]ingest.Submission, n)
		for i := range group {
			group[i] = submission(t, ids[(i*7+sender*11)%n], sender*n+i+1)
		}
		sending.Go(func() {
			outcomes, err := service.Accept(t.Context(), group)
			if err != nil || len(outcomes) != n {
				t.Errorf("%d outcomes, %v", len(outcomes), err)
			}
		})
	}
	sending.Wait()
}

// A ticket that PostgreSQL cannot hold (here one that no decoder lets through) does not take the others with it.
func TestAcceptWithoutThePoison(t *testing.T) {
	t.Parallel()
	service, db := newService(t)
	group := []ingest.Submission{submission(t, uuid.NewString(), 1), submission(t, uuid.NewString(), 2), submission(t, uuid.NewString(), 3)}
	group[1].Ticket.WorkstationID = "\x00"
	outcomes, err := service.Accept(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []ingest.Status{ingest.Accepted, ingest.Rejected, ingest.Accepted} {
		if outcomes[i].Status != want {
			t.Errorf("ticket %d: %+v", i, outcomes[i])
		}
	}
	if n := countTickets(t, db); n != 2 {
		t.Errorf("%d tickets", n)
	}
}

// Two requests under one key that meet in one group: the second is too early.
func TestAcceptOneKeyTwiceInAGroup(t *testing.T) {
	t.Parallel()
	service, db := newService(t)
	key := &hotstate.IdempotencyKey{Caller: "u", Method: "POST", Path: "/v1/tickets", Key: uuid.NewString()}
	group := []ingest.Submission{submission(t, uuid.NewString(), 1), submission(t, uuid.NewString(), 2)}
	for i := range group {
		group[i].Key, group[i].Sent = key, group[i].Canonical
	}
	outcomes, err := service.Accept(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	if outcomes[0].Status != ingest.Accepted || outcomes[1].Problem == nil || outcomes[1].Problem.Status != 409 {
		t.Errorf("%+v", outcomes)
	}
	if n := countTickets(t, db); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

// The seed of a ticket is its own and random: the salts of its commitment come from it.
func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	service, db := newService(t)
	group := []ingest.Submission{submission(t, uuid.NewString(), 1), submission(t, uuid.NewString(), 2)}
	if _, err := service.Accept(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	var seeds int
	if err := db.Owner.QueryRow(t.Context(), "select count(distinct seed) from book.tickets").Scan(&seeds); err != nil || seeds != 2 {
		t.Errorf("%d seeds, %v", seeds, err)
	}
}

func TestAcceptWhenTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	service, db := newService(t)
	db.TakeAway(t)
	if _, err := service.Accept(context.Background(), []ingest.Submission{submission(t, uuid.NewString(), 1)}); err == nil {
		t.Fatal("accepted without a database")
	}
	db.GiveBack(t)
	if n := countTickets(t, db); n != 0 {
		t.Errorf("%d tickets", n)
	}
}
