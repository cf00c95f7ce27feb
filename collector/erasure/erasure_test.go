package erasure_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/erasure"
	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
)

func TestNothingIsLeftOfAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	sales := w.Text(t, `select string_agg(row::text, ' ' order by row::text) from view.sales_by_day as row`)
	w.request()
	w.project()
	w.erase()
	w.forgotten()
	w.nothingIsLeft()
	w.sameWhenMadeAgain()

	if now := w.Text(t, `select string_agg(row::text, ' ' order by row::text) from view.sales_by_day as row`); now != sales {
		t.Errorf("sales are %s, were %s", now, sales)
	}
	if named := w.Text(t, `select count(*) || ' ' || count(person) || ' ' || count(loyalty_id) from view.tickets`); named != "6 3 2" {
		t.Errorf("tickets, with person, with member: %s; want those of bob and of nobody as they were", named)
	}
	if bobs := w.Text(t, `select available from view.points_balances where loyalty_id = 'bob'`); bobs != "100" {
		t.Errorf("bob has %s points, want 100", bobs)
	}
	emptied := 0
	for key := range w.ledger.Records() {
		body, err := w.ledger.ReadBody(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if without, err := sealed.WithoutPerson(body); err == nil && len(without) == len(body) {
			emptied++
		}
	}
	if emptied != 3 {
		t.Errorf("%d bodies on the ledger have no person part, want ann's 3", emptied)
	}
}

// Whenever the process dies, before or after any call that leaves it, the next one carries the erasure through.
func TestAnErasureSurvivesDeathAtAnyCall(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"find 1", "forget 1", "evaluate 1", "rewrite 1", "submit 1", "evaluate 4", "call 1", "submit 2", "readmit 1"} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", at, done), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.trade()
				w.project()
				w.request()
				ctx, kill := context.WithCancel(t.Context())
				m := &mortal{dieAt: at, done: done, kill: kill, calls: make(map[string]int)}
				stop := w.runs(func(context.Context) {
					erasure.New(w.Collector, mortalLedger{w.ledger, m}, mortalKeys{w.OpenKeys(t), m}, quick).Run(ctx)
				})
				ledgertest.Eventually(t, "the first one's death", m.isDead)
				stop()
				w.Exec(t, `update book.erasures set lease_until = '-infinity'`)
				w.erase()
				w.forgotten()
				w.nothingIsLeft()
			})
		}
	}
}

type mortalLedger struct {
	*ledgertest.Ledger
	m *mortal
}

func (l mortalLedger) Evaluate(ctx context.Context, function string, arguments ...string) ([]byte, error) {
	return call(l.m, "evaluate", func() ([]byte, error) { return l.Ledger.Evaluate(ctx, function, arguments...) })
}

func (l mortalLedger) EndorseCall(ctx context.Context, function, argument string) (fabric.Endorsed, error) {
	return call(l.m, "call", func() (fabric.Endorsed, error) { return l.Ledger.EndorseCall(ctx, function, argument) })
}

func (l mortalLedger) EndorseRewrite(ctx context.Context, request string, slots []byte) (fabric.Endorsed, error) {
	return call(l.m, "rewrite", func() (fabric.Endorsed, error) { return l.Ledger.EndorseRewrite(ctx, request, slots) })
}

func (l mortalLedger) Submit(ctx context.Context, envelope []byte) (fabric.Commit, error) {
	return call(l.m, "submit", func() (fabric.Commit, error) { return l.Ledger.Submit(ctx, envelope) })
}

type mortalKeys struct {
	*keyring.Keyring
	m *mortal
}

func (k mortalKeys) Find(loyaltyID string) (keyring.Member, error) {
	return call(k.m, "find", func() (keyring.Member, error) { return k.Keyring.Find(loyaltyID) })
}

func (k mortalKeys) Forget(loyaltyID, keyID string) error {
	_, err := call(k.m, "forget", func() (any, error) { return nil, k.Keyring.Forget(loyaltyID, keyID) })
	return err
}

func (k mortalKeys) Readmit(index string) error {
	_, err := call(k.m, "readmit", func() (any, error) { return nil, k.Keyring.Readmit(index) })
	return err
}

// Faults of the ledger are told in words, and pass.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		call  string
		fault ledgertest.Fault
		told  string
	}{
		"not to be asked":        {"evaluate", ledgertest.Lost, "the ledger cannot be asked"},
		"rewrite lost":           {"rewrite", ledgertest.Lost, "the ledger cannot be asked"},
		"rewrite refused":        {"rewrite", ledgertest.Denied, "the chaincode refuses it"},
		"call lost":              {"call", ledgertest.Lost, "closing the account failed"},
		"submit lost":            {"submit", ledgertest.Lost, "the ledger cannot be asked"},
		"submit done but failed": {"submit", ledgertest.DoneButFailed, "the ledger cannot be asked"},
		"overtaken":              {"submit", ledgertest.Overtaken, "the ledger cannot be asked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.trade()
			healed := make(chan struct{})
			w.ledger.Faults = func(call string, _ int) ledgertest.Fault {
				select {
				case <-healed:
					return ledgertest.None
				default:
				}
				if call == test.call {
					return test.fault
				}
				return ledgertest.None
			}
			w.request()
			w.project()
			w.erase()
			w.step(test.told)
			close(healed)
			w.forgotten()
			w.nothingIsLeft()
		})
	}
}

// What was accepted and is not on the ledger goes there as nobody's; the same upload again is still a duplicate.
func TestAcceptedTicketsBecomeNobodys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := ingest.NewService(w.Collector, w.Keys, time.Now)
	id := uuid.NewString()
	w.accept(service, id, 100, ingest.Accepted)
	before := w.Text(t, `select encode(seed, 'hex') from book.tickets`)
	w.request()
	stop := w.erase()
	w.forgotten()
	stop()
	if left := w.Text(t, `select count(*) from book.tickets where loyalty_id is not null or pending_points > 0 or encode(seed, 'hex') = $1`, before); left != "0" {
		t.Error("the accepted ticket still is the member's")
	}
	w.accept(service, id, 100, ingest.Duplicate)
	w.accept(service, id, 101, ingest.Rejected)
	w.record()
	w.project()
	w.recorded()
	if got := w.Text(t, `select count(*) from view.tickets where loyalty_id is null`); got != "1" {
		t.Errorf("%s tickets recorded as nobody's, want 1", got)
	}
	if got := w.Text(t, `select count(*) from view.points_entries`); got != "0" {
		t.Errorf("%s points entries, want none", got)
	}
	w.accept(service, id, 100, ingest.Duplicate)
	w.sameWhenMadeAgain()
}

// A recorded ticket of a forgotten member, uploaded again, is known again; and other content under its number is not it.
func TestARecordedTicketIsKnownAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := ingest.NewService(w.Collector, w.Keys, time.Now)
	id := uuid.NewString()
	w.accept(service, id, 100, ingest.Accepted)
	w.record()
	w.project()
	w.recorded()
	old := w.Text(t, `select encode(content_mac, 'hex') from book.tickets`)
	w.request()
	w.erase()
	w.forgotten()
	if now := w.Text(t, `select encode(content_mac, 'hex') from book.tickets`); now == old {
		t.Error("a hash is left with which loyalty ids can be tried")
	}
	w.accept(service, id, 100, ingest.Duplicate)
	w.accept(service, id, 101, ingest.Rejected)
}

func (w *world) accept(service *ingest.Service, id string, amount int, want ingest.Status) {
	w.Helper()
	caller := auth.Caller{ID: "u", Role: auth.Store, StoreIDs: []string{"S1"}}
	submission, p := ingest.Read(caller, fmt.Appendf(nil, `{"schemaVersion":"1","transactionId":%q,"transactionType":"Sale","storeId":"S1",
		"workstationId":"1","sequenceNumber":1,"businessDayDate":"2026-03-02","endDateTime":"2026-03-02T10:00:00Z","currencyCode":"EUR",
		"loyaltyId":%q,"operatorId":"op","lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"1","extendedAmount":%d}],
		"totals":{"grand":%d}}`, id, ann, amount, amount), time.Now())
	if p != nil {
		w.Fatalf("%+v", p)
	}
	outcomes, err := service.Accept(w.Context(), []ingest.Submission{submission})
	if err != nil || outcomes[0].Status != want {
		w.Fatalf("%+v, %v; want %s", outcomes, err, want)
	}
}

// A recorder holds a ticket of the member that it has sealed already: what it sealed goes nowhere.
func TestATicketUnderARecordersHandsIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow := slowLedger{Ledger: w.ledger, asked: make(chan struct{}, 10), goOn: make(chan struct{})}
	keys := w.Accept(t, ledgertest.Sale{Member: ann, Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 1, 5000)}})
	w.recordTo(slow, time.Hour)
	w.project()
	<-slow.asked
	var err error
	if w.ann, err = w.Keys.Find(ann); err != nil {
		t.Fatal(err)
	}
	w.request()
	w.erase()
	w.forgotten()
	close(slow.goOn)
	w.recorded()
	w.nothingIsLeft()
	if got := w.Text(t, `select count(*) from view.tickets where ticket_key = $1 and loyalty_id is null and person is not null`, keys[0][:]); got != "1" {
		t.Error("the ticket was not recorded as nobody's")
	}
	w.sameWhenMadeAgain()
}

// A slow ledger lets the caller wait for an endorsement.
type slowLedger struct {
	*ledgertest.Ledger
	asked, goOn chan struct{}
}

func (l slowLedger) Endorse(ctx context.Context, batch []byte) (fabric.Endorsed, error) {
	l.asked <- struct{}{}
	select {
	case <-l.goOn:
	case <-ctx.Done():
	}
	return l.Ledger.Endorse(ctx, batch)
}

// An endorsed ticket may be on the ledger for all we know: it comes to its end first, and is then emptied as well.
func TestAnEndorsedTicketIsAwaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	submitted, goOn := make(chan struct{}, 100), make(chan struct{})
	w.ledger.Faults = func(call string, _ int) ledgertest.Fault {
		if call == "submit" {
			submitted <- struct{}{}
			<-goOn
		}
		return ledgertest.None
	}
	w.Accept(t, ledgertest.Sale{Member: ann, Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 1, 5000)}})
	w.record()
	w.project()
	<-submitted
	var err error
	if w.ann, err = w.Keys.Find(ann); err != nil {
		t.Fatal(err)
	}
	w.request()
	w.erase()
	w.step("waiting for 1 ticket on the way to the ledger")
	close(goOn)
	w.forgotten()
	w.nothingIsLeft()
	w.sameWhenMadeAgain()
}

// The view is cleared behind a block that was made after the key was gone, also where it lags: what is opened before that comes
// into it first.
func TestTheViewIsAwaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	w.request()
	w.erase()
	w.step("waiting for the view")
	if left := w.Text(t, `select count(*) from view.tickets where loyalty_id = $1`, ann); left != "3" {
		t.Errorf("%s tickets of the member in the view while it is awaited, want 3", left)
	}
	w.project()
	w.forgotten()
	w.nothingIsLeft()
}

// What comes while the erasure is under way waits for its end; then the loyalty id begins anew.
func TestWhoComesAgainBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	blocked, goOn := make(chan struct{}, 100), make(chan struct{})
	w.ledger.Faults = func(call string, _ int) ledgertest.Fault {
		if call == "call" { // tickets were taken back before
			blocked <- struct{}{}
			<-goOn
		}
		return ledgertest.None
	}
	first := w.request()
	w.project()
	w.record()
	w.erase()
	<-blocked
	w.Accept(t, ledgertest.Sale{Member: ann, Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 1, 700)}})
	ledgertest.Eventually(t, "the ticket set apart", func() bool {
		return w.Text(t, `select count(*) from book.claims join book.batches b using (batch_id) where b.state = 'claimed'`) == "1"
	})
	close(goOn)
	w.forgotten()
	w.recorded()
	anew, err := w.Keys.Find(ann)
	if err != nil || anew.Account == w.ann.Account || anew.KeyID == w.ann.KeyID {
		t.Errorf("who came again has the old pseudonym or key: %v", err)
	}
	if points := w.Text(t, `select available from view.points_balances where loyalty_id = $1`, ann); points != "7" {
		t.Errorf("%s points, want those of the new ticket alone", points)
	}
	if left := w.Text(t, `select count(*) from view.points_entries where account = $1 and loyalty_id is not null`, w.ann.Account[:]); left != "0" {
		t.Error("the old points became the new member's")
	}
	if again := w.request(); again.ID == first.ID {
		t.Error("asked to forget the new member, it gave the old erasure")
	}
	w.forgotten()
	w.ann = anew
	w.nothingIsLeft()
	w.sameWhenMadeAgain()
}

func TestNobodyKnownIsNotForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := erasure.New(w.Collector, w.ledger, w.Keys, quick).Request(t.Context(), "nobody"); !errors.Is(err, erasure.ErrUnknown) {
		t.Errorf("%v, want ErrUnknown", err)
	}
}

var _ erasure.Ledger = (*fabric.Client)(nil)
