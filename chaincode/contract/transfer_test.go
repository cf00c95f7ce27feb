package contract

import (
	"reflect"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

func TestTransfer(t *testing.T) {
	m, _ := shop(t)
	m.setProgramme(t, points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100},
		points.Rule{Version: 2, EffectiveFrom: "0001-01-01", RateBasisPoints: 100, ValidityMonths: 2})
	m.steps(t, &slip{number: 3, member: 7, cents: 20_000})
	r := ledger.TransferRequest{TransferID: uuid(800), From: accountOf(7).String(), To: accountOf(8).String(), Points: 350, Fold: m.credits(accountOf(7))}
	if answer := run(t, m, transferPoints, r); answer.Status != ledger.StatusTransferred || answer.Repeated {
		t.Fatalf("%+v", answer)
	}
	r.Fold = nil
	if answer := run(t, m, transferPoints, r); answer.Status != ledger.StatusTransferred || !answer.Repeated {
		t.Errorf("again: %+v", answer)
	}
	m.wantBalance(t, 7, 850)
	m.wantBalance(t, 8, 350)
	m.checkTotals(t)
	got := make(map[string]int64)
	for _, key := range m.keys("c/" + accountOf(8).String()) {
		entry := mustEntry(t, m.state[key])
		got[entry.ExpiryMonth.String()] += entry.Points
	}
	if want := map[string]int64{"2026-05": 200, "never": 150}; !reflect.DeepEqual(got, want) {
		t.Errorf("the receiver has %v, want %v: what expires first goes first, and keeps its month", got, want)
	}
	for name, test := range map[string]struct {
		change func(*ledger.TransferRequest)
		want   ledger.Status
	}{
		"another amount under the same id": {func(r *ledger.TransferRequest) { r.Points++ }, ledger.StatusMismatch},
		"to oneself":                       {func(r *ledger.TransferRequest) { r.TransferID, r.To = uuid(801), r.From }, ledger.StatusSelf},
		"more than there is":               {func(r *ledger.TransferRequest) { r.TransferID, r.Points = uuid(801), 851 }, ledger.StatusInsufficient},
	} {
		changed := r
		test.change(&changed)
		if answer := run(t, m, transferPoints, changed); answer.Status != test.want {
			t.Errorf("%s: %+v", name, answer)
		}
	}
}

func TestAForgottenAccount(t *testing.T) {
	m, hold := shop(t)
	hold.Fold = hold.Fold[:1]
	run(t, m, holdPoints, ledger.HoldRequest{HoldID: hold.HoldID, Account: hold.Account, Points: 10, TTLSeconds: 600, Fold: hold.Fold})
	forget := ledger.FoldRequest{Account: hold.Account, Fold: m.credits(accountOf(7))}
	for range 2 {
		run(t, m, forgetAccount, forget)
		m.want7(t, 0, 0, 0)
	}
	if totals := m.totals(t); totals.Expired != 1000 {
		t.Errorf("totals %+v: its points expire", totals)
	}
	m.steps(t, &slip{number: 3, member: 7, cents: 5000}, &slip{number: 4, member: 8, cents: 5000})
	for _, status := range []ledger.Status{
		run(t, m, holdPoints, ledger.HoldRequest{HoldID: uuid(501), Account: hold.Account, Points: 1, TTLSeconds: 600, Fold: m.credits(accountOf(7))}).Status,
		run(t, m, transferPoints, ledger.TransferRequest{TransferID: uuid(1), From: hold.Account, To: accountOf(8).String(), Points: 1}).Status,
		run(t, m, transferPoints, ledger.TransferRequest{TransferID: uuid(2), From: accountOf(8).String(), To: hold.Account, Points: 1, Fold: m.credits(accountOf(8))}).Status,
	} {
		if status != ledger.StatusForgotten {
			t.Errorf("status %s", status)
		}
	}
}
