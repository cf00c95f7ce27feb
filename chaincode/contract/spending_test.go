package contract

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// shop gives a ledger on which member 7 has 1,000 points, all named in the request for a hold.
func shop(t *testing.T) (*memory, ledger.HoldRequest) {
	t.Helper()
	m := newMemory()
	m.steps(t, &slip{number: 1, member: 7, cents: 60_000}, &slip{number: 2, member: 7, cents: 40_000})
	return m, ledger.HoldRequest{HoldID: uuid(500), Account: accountOf(7).String(), Points: 400, TTLSeconds: 600, Fold: m.credits(accountOf(7))}
}

func (m *memory) state7(t *testing.T) [3]int64 { // available, held, redeemed
	t.Helper()
	m.checkTotals(t)
	head := m.mustHead(t, accountOf(7))
	return [3]int64{m.balance(t, accountOf(7)) - head.Held(), head.Held(), m.totals(t).Redeemed}
}

func (m *memory) want7(t *testing.T, available, held, redeemed int64) {
	t.Helper()
	if got := m.state7(t); got != [3]int64{available, held, redeemed} {
		t.Errorf("available, held, redeemed: %v, want %d, %d, %d", got, available, held, redeemed)
	}
}

func TestAHoldKeepsPointsAside(t *testing.T) {
	m, hold := shop(t)
	answer := run(t, m, holdPoints, hold)
	if answer.Status != ledger.StatusHeld || answer.Points != 400 || answer.ExpiresAt != m.now.Unix()+600 || answer.Repeated {
		t.Fatalf("answer %+v", answer)
	}
	m.want7(t, 600, 400, 0)

	other := hold
	other.HoldID, other.Points = uuid(501), 601
	if answer := run(t, m, holdPoints, other); answer.Status != ledger.StatusInsufficient {
		t.Errorf("more than is available: %+v", answer)
	}
	m.want7(t, 600, 400, 0)
}

func TestWhatIsNotNamedCannotBeSpent(t *testing.T) {
	m, hold := shop(t)
	hold.Fold, hold.Points = nil, 1
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusInsufficient {
		t.Errorf("nothing folded: %+v", answer)
	}
	hold.Fold = []string{m.credits(accountOf(7))[0], m.credits(accountOf(7))[0], strings.Repeat("ab", 16)}
	hold.Points = 1000
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusInsufficient {
		t.Errorf("a credit named twice, and one that is not there: %+v", answer)
	}
}

func TestDebitsCannotBeLeftOut(t *testing.T) {
	m, hold := shop(t)
	m.steps(t, &slip{number: 3, member: 7, cents: -70_000})
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusInsufficient {
		t.Errorf("the debit was left out: %+v", answer)
	}
	hold.Points = 300
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusHeld {
		t.Errorf("what the debit leaves: %+v", answer)
	}
	m.want7(t, 0, 300, 0)
}

func TestMoreDebitsThanOneCallTakesAreFoldedFirst(t *testing.T) {
	m, hold := shop(t)
	var batch []ledger.Submission
	for number := range ledger.MaxFold + 20 {
		batch = append(batch, (&slip{number: 1000 + number, member: 7, cents: -100}).submission(t))
	}
	m.record(t, batch...)
	hold.Points = 480
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusFoldFirst {
		t.Fatalf("%+v", answer)
	}
	if answer := run(t, m, foldAccount, ledger.FoldRequest{Account: hold.Account}); answer.Debits != ledger.MaxFold || !answer.More {
		t.Errorf("folding: %+v", answer)
	}
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusHeld {
		t.Errorf("%+v", answer)
	}
	m.want7(t, 0, 480, 0)
}

func TestARepeatedCallHasNoSecondEffect(t *testing.T) {
	m, hold := shop(t)
	first := run(t, m, holdPoints, hold)
	m.now = m.now.Add(time.Minute)
	hold.Fold = nil
	again := run(t, m, holdPoints, hold)
	if !again.Repeated || again.ExpiresAt != first.ExpiresAt || again.Status != first.Status || again.Points != first.Points {
		t.Errorf("hold again: %+v, first %+v", again, first)
	}
	m.want7(t, 600, 400, 0)
	other := hold
	other.Points++
	if answer := run(t, m, holdPoints, other); answer.Status != ledger.StatusMismatch {
		t.Errorf("the same id for other points: %+v", answer)
	}
	for range 2 {
		if answer := run(t, m, captureHold, ledger.CaptureRequest{HoldID: hold.HoldID, Points: 150}); answer.Status != ledger.StatusCaptured || answer.Points != 150 {
			t.Errorf("capture: %+v", answer)
		}
		m.want7(t, 850, 0, 150)
	}
	if answer := run(t, m, captureHold, ledger.CaptureRequest{HoldID: hold.HoldID, Points: 151}); answer.Status != ledger.StatusMismatch {
		t.Errorf("captured, with other points: %+v", answer)
	}
	if answer := run(t, m, releaseHold, ledger.ReleaseRequest{HoldID: hold.HoldID}); answer.Status != ledger.StatusCaptured {
		t.Errorf("release of what is captured: %+v", answer)
	}
	if again := run(t, m, holdPoints, hold); !again.Repeated || again.Status != ledger.StatusHeld {
		t.Errorf("hold again after all that: %+v", again)
	}
	m.want7(t, 850, 0, 150)
}

func TestReleaseGivesBack(t *testing.T) {
	m, hold := shop(t)
	run(t, m, holdPoints, hold)
	for range 2 {
		if answer := run(t, m, releaseHold, ledger.ReleaseRequest{HoldID: hold.HoldID}); answer.Status != ledger.StatusReleased {
			t.Errorf("%+v", answer)
		}
		m.want7(t, 1000, 0, 0)
	}
	if answer := run(t, m, captureHold, ledger.CaptureRequest{HoldID: hold.HoldID}); answer.Status != ledger.StatusReleased {
		t.Errorf("capture after release: %+v", answer)
	}
	for _, unknown := range []ledger.HoldAnswer{
		run(t, m, releaseHold, ledger.ReleaseRequest{HoldID: uuid(7)}), run(t, m, captureHold, ledger.CaptureRequest{HoldID: uuid(7)}),
	} {
		if unknown.Status != ledger.StatusUnknown {
			t.Errorf("%+v", unknown)
		}
	}
}

func TestHoldsLapse(t *testing.T) {
	m, hold := shop(t)
	run(t, m, holdPoints, hold)
	m.now = m.now.Add(10*time.Minute + time.Second)
	if answer := run(t, m, foldAccount, ledger.FoldRequest{Account: hold.Account}); answer.Lapsed != 1 {
		t.Errorf("%+v", answer)
	}
	m.want7(t, 1000, 0, 0)
	if answer := run(t, m, captureHold, ledger.CaptureRequest{HoldID: hold.HoldID}); answer.Status != ledger.StatusLapsed {
		t.Errorf("capture: %+v", answer)
	}
	writes := m.writes
	if run(t, m, foldAccount, ledger.FoldRequest{Account: hold.Account}); m.writes != writes {
		t.Errorf("folding what is folded writes %d keys", m.writes-writes)
	}
}

func TestNoMoreThanTwentyOpenHolds(t *testing.T) {
	m, hold := shop(t)
	hold.Points = 1
	for number := range account.MaxHolds {
		hold.HoldID = uuid(500 + number)
		run(t, m, holdPoints, hold)
	}
	hold.HoldID = uuid(600)
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusTooManyHolds {
		t.Errorf("%+v", answer)
	}
	m.want7(t, 980, 20, 0)
}

func TestATicketPaidInPoints(t *testing.T) {
	for name, test := range map[string]struct {
		before func(*memory, ledger.HoldRequest) // after the hold of 400
		paid   int
		want   [3]int64
		flag   string
	}{
		"all of the hold":            {nil, 400, [3]int64{600, 0, 400}, ""},
		"less than the hold":         {nil, 150, [3]int64{850, 0, 150}, ""},
		"more than the hold":         {nil, 450, [3]int64{550, 0, 450}, "h"},
		"beyond what there is":       {nil, 1200, [3]int64{-200, 0, 1200}, "h"},
		"past its time, not swept":   {func(m *memory, _ ledger.HoldRequest) { m.now = m.now.Add(time.Hour) }, 400, [3]int64{600, 0, 400}, ""},
		"captured by the till first": {func(m *memory, h ledger.HoldRequest) { try(m, captureHold, ledger.CaptureRequest{HoldID: h.HoldID}) }, 400, [3]int64{600, 0, 400}, ""},
		"captured for less": {func(m *memory, h ledger.HoldRequest) {
			try(m, captureHold, ledger.CaptureRequest{HoldID: h.HoldID, Points: 100})
		}, 400, [3]int64{600, 0, 400}, "h"},
		"released first": {func(m *memory, h ledger.HoldRequest) { try(m, releaseHold, ledger.ReleaseRequest{HoldID: h.HoldID}) }, 400, [3]int64{600, 0, 400}, "h"},
	} {
		m, hold := shop(t)
		run(t, m, holdPoints, hold)
		if test.before != nil {
			test.before(m, hold)
		}
		got := m.steps(t, &slip{number: 9, cents: 5000, paid: []paid{{hold.HoldID, test.paid}}})
		if got[0] != "r"+test.flag || m.state7(t) != test.want {
			t.Errorf("%s: outcome %s, available, held, redeemed %v; want r%s, %v", name, got[0], m.state7(t), test.flag, test.want)
		}
	}
}

func TestTwoTicketsDoNotShareAHold(t *testing.T) {
	m, hold := shop(t)
	run(t, m, holdPoints, hold)
	got := m.steps(t, &slip{number: 9, cents: 5000, paid: []paid{{hold.HoldID, 300}}}, &slip{number: 10, cents: 5000, paid: []paid{{hold.HoldID, 300}}})
	if got[1] != "rh" {
		t.Errorf("outcomes %v, want the second flagged", got)
	}
	m.want7(t, 400, 0, 600)
}

func TestAnUnknownRedemptionIsFlagged(t *testing.T) {
	m, _ := shop(t)
	if got := m.steps(t, &slip{number: 9, cents: 5000, paid: []paid{{uuid(77), 300}}}); got[0] != "ru" {
		t.Errorf("outcome %s", got[0])
	}
	m.want7(t, 1000, 0, 0)
}

func TestAReturnGivesBackWhatWasPaidInPoints(t *testing.T) {
	m, hold := shop(t)
	run(t, m, holdPoints, hold)
	sale := &slip{number: 9, member: 7, cents: 5000, paid: []paid{{hold.HoldID, 400}}}
	got := m.steps(t, sale,
		&slip{number: 10, member: 7, returns: []returned{{sale, 1000}}, paid: []paid{{hold.HoldID, -100}}},
		&slip{number: 11, member: 7, returns: []returned{{sale, 4000}}, paid: []paid{{hold.HoldID, -400}}})
	if got[1] != "r" || got[2] != "rg" {
		t.Errorf("outcomes %v: giving back more than was paid is flagged", got)
	}
	m.want7(t, 1000, 0, 0)
}

// A void of a ticket paid in points leaves everything as it was.
func TestAVoidGivesPointsBack(t *testing.T) {
	m, hold := shop(t)
	run(t, m, holdPoints, hold)
	sale := &slip{number: 9, member: 7, cents: 5000, paid: []paid{{hold.HoldID, 400}}}
	m.steps(t, sale, &slip{number: 10, member: 7, voids: sale, paid: []paid{{hold.HoldID, -400}}})
	m.want7(t, 1000, 0, 0)
}

func TestPointsExpireByTheMonth(t *testing.T) {
	m := newMemory()
	m.setProgramme(t, points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100, ValidityMonths: 2})
	of := accountOf(7)
	fold := func() ledger.FoldAnswer {
		return run(t, m, foldAccount, ledger.FoldRequest{Account: of.String(), Fold: m.credits(of)})
	}
	m.steps(t, &slip{number: 1, member: 7, cents: 10_000}) // March: good to the end of May
	m.now = time.Date(2026, 4, 30, 23, 0, 0, 0, time.UTC)
	m.steps(t, &slip{number: 2, member: 7, cents: 20_000}) // April: to the end of June
	m.now = time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)
	if answer := fold(); answer.Expired != 0 {
		t.Errorf("on the last day: %+v", answer)
	}
	m.now = m.now.Add(time.Second)
	if answer := fold(); answer.Expired != 100 {
		t.Errorf("on the first day after: %+v", answer)
	}
	m.wantBalance(t, 7, 200)
	m.checkTotals(t)

	m.now = time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	hold := ledger.HoldRequest{HoldID: uuid(500), Account: of.String(), Points: 200, TTLSeconds: 600}
	run(t, m, holdPoints, hold)
	sale := &slip{number: 3, cents: 5000, paid: []paid{{hold.HoldID, 200}}}
	m.steps(t, sale)
	m.now = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)
	m.steps(t, &slip{number: 4, returns: []returned{{sale, 5000}}, paid: []paid{{hold.HoldID, -200}}})
	if answer := fold(); answer.Expired != 0 || m.balance(t, of) != 200 {
		t.Errorf("given back after their month, points are good to the end of this one: %+v, balance %d", answer, m.balance(t, of))
	}
}

// Whoever buys and returns every month must not keep old points alive by it.
func TestReturningDoesNotLengthenTheLifeOfPoints(t *testing.T) {
	m := newMemory()
	m.setProgramme(t, points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100, ValidityMonths: 2})
	of := accountOf(7)
	m.steps(t, &slip{number: 1, member: 7, cents: 10_000})
	m.now = m.now.AddDate(0, 1, 0)
	sale := &slip{number: 2, member: 7, cents: 10_000}
	m.steps(t, sale, &slip{number: 3, member: 7, returns: []returned{{sale, 10_000}}},
		&slip{number: 4, member: 7, cents: 10_000}, &slip{number: 5, member: 7, cents: -10_000})
	run(t, m, foldAccount, ledger.FoldRequest{Account: of.String(), Fold: m.credits(of)})
	head := m.mustHead(t, of)
	if want := []account.Part{{Month: points.MonthOf(m.now) + 1, Points: 100}}; !reflect.DeepEqual(head.Buckets, want) {
		t.Errorf("buckets %v, want %v", head.Buckets, want)
	}
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	m, hold := shop(t)
	for name, change := range map[string]func(*ledger.HoldRequest){
		"no points":          func(r *ledger.HoldRequest) { r.Points = 0 },
		"points below zero":  func(r *ledger.HoldRequest) { r.Points = -1 },
		"a moment":           func(r *ledger.HoldRequest) { r.TTLSeconds = 59 },
		"two days":           func(r *ledger.HoldRequest) { r.TTLSeconds = 2 * 86400 },
		"no account":         func(r *ledger.HoldRequest) { r.Account = "" },
		"nobody's account":   func(r *ledger.HoldRequest) { r.Account = ledger.Account{}.String() },
		"upper case":         func(r *ledger.HoldRequest) { r.HoldID = strings.Repeat("AB", 16) },
		"too many credits":   func(r *ledger.HoldRequest) { r.Fold = make([]string, ledger.MaxFold+1) },
		"a credit that is x": func(r *ledger.HoldRequest) { r.Fold = []string{"x"} },
	} {
		changed := hold
		change(&changed)
		if _, err := try(m, holdPoints, changed); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, argument := range []string{"", "{", `{"holdId":"1","unknown":2}`, `{} {}`, `[]`} {
		if err := decode(argument, new(ledger.HoldRequest)); err == nil {
			t.Errorf("argument %q: accepted", argument)
		}
	}
}

func TestTotalsAreFolded(t *testing.T) {
	m, hold := shop(t)
	run(t, m, holdPoints, hold)
	var transactions []string
	for _, key := range m.keys(ledger.TotalsPrefix) {
		transactions = append(transactions, strings.TrimPrefix(key, ledger.TotalsPrefix))
	}
	before := m.totals(t)
	for _, want := range []int{3, 0} {
		if answer := run(t, m, foldTotals, ledger.FoldTotalsRequest{Transactions: transactions}); answer.Credits != want {
			t.Errorf("folded %d, want %d", answer.Credits, want)
		}
		if after := m.totals(t); after != before {
			t.Errorf("totals %+v became %+v", before, after)
		}
	}
	if left := m.keys(ledger.TotalsPrefix); len(left) != 0 {
		t.Errorf("%d transactions' totals are left", len(left))
	}
}
