package contract

import (
	"math/rand/v2"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// steps records slips one after the other and gives what the answers say of each, "r" where nothing is flagged.
func (m *memory) steps(t *testing.T, slips ...*slip) (outcomes []string) {
	t.Helper()
	for _, s := range slips {
		answer := m.record(t, s.submission(t))
		outcomes = append(outcomes, answer.Outcomes+answer.Flags[0])
	}
	m.checkTotals(t)
	return outcomes
}

func (m *memory) wantBalance(t *testing.T, member byte, want int64) {
	t.Helper()
	if got := m.balance(t, accountOf(member)); got != want {
		t.Errorf("member %d has %d points, want %d", member, got, want)
	}
}

func TestAReturnTakesBackWhatItsSaleEarned(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 10099}
	m.steps(t, sale, &slip{number: 2, member: 7, returns: []returned{{sale, 10099}}})
	m.wantBalance(t, 7, 0)
}

// 199 cents earn one point, and so do 100: the first partial return costs nothing, the second one all.
func TestPartialReturnsAreExactToThePoint(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 199}
	m.steps(t, sale, &slip{number: 2, member: 7, returns: []returned{{sale, 99}}})
	m.wantBalance(t, 7, 1)
	m.steps(t, &slip{number: 3, member: 7, returns: []returned{{sale, 1}}})
	m.wantBalance(t, 7, 0)
	m.steps(t, &slip{number: 4, member: 7, returns: []returned{{sale, 99}}})
	m.wantBalance(t, 7, 0)
}

func TestWhateverIsReturnedInWhateverPartsTheRestIsWhatItEarns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		m := newMemory()
		sale := &slip{number: 1, member: 7, cents: 1 + random.IntN(100_000)}
		m.record(t, sale.submission(t))
		left := sale.cents
		for number := 2; left > 0 && number < 12; number++ {
			back := 1 + random.IntN(left)
			left -= back
			m.record(t, (&slip{number: number, member: 7, returns: []returned{{sale, back}}}).submission(t))
			if got, want := m.balance(t, accountOf(7)), points.Earned(int64(left), 100); got != want {
				t.Fatalf("round %d: %d of %d cents left: %d points, want %d", round, left, sale.cents, got, want)
			}
		}
	}
}

func TestExcessIsRecordedAndFlaggedAndMovesNothing(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 10000}
	other := &slip{number: 2, member: 7, cents: 50000}
	got := m.steps(t, sale, other,
		&slip{number: 3, member: 7, returns: []returned{{sale, 8000}}},
		&slip{number: 4, member: 7, returns: []returned{{sale, 8000}}})
	if got[2] != "r" || got[3] != "re" {
		t.Errorf("outcomes %v, want the second return flagged as excess", got)
	}
	m.wantBalance(t, 7, 500)
}

func TestAReturnTakesFromWhoBought(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 10000}
	m.steps(t, sale, &slip{number: 2, member: 8, cents: 3000, returns: []returned{{sale, 10000}}})
	m.wantBalance(t, 7, 0)
	m.wantBalance(t, 8, 30)
	m.steps(t, &slip{number: 3, returns: []returned{{sale, 1}}}) // no member at all
	m.wantBalance(t, 7, 0)
}

func TestAnUnlinkedReturnMayGoBelowZero(t *testing.T) {
	m := newMemory()
	m.steps(t, &slip{number: 1, member: 7, cents: -5000})
	m.wantBalance(t, 7, -50)
	hold := ledger.HoldRequest{HoldID: uuid(1), Account: accountOf(7).String(), Points: 1, TTLSeconds: 600}
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusInsufficient {
		t.Errorf("an account in debt holds points: %+v", answer)
	}
	m.steps(t, &slip{number: 2, member: 7, cents: 5100})
	hold.Fold = m.credits(accountOf(7))
	if answer := run(t, m, holdPoints, hold); answer.Status != ledger.StatusHeld {
		t.Errorf("out of debt it holds none: %+v", answer)
	}
}

func TestAVoidUndoes(t *testing.T) {
	sale := &slip{number: 1, member: 7, cents: 10099}
	part := &slip{number: 2, member: 7, returns: []returned{{sale, 5050}}}
	mixed := &slip{number: 3, member: 8, cents: 2000, returns: []returned{{sale, 1000}}}
	unlinked := &slip{number: 4, member: 7, cents: -3000}
	for name, test := range map[string]struct {
		slips    []*slip
		balances [2]int64 // of members 7 and 8
		flag     string   // of the last
	}{
		"a sale":                         {[]*slip{sale, {number: 9, member: 7, voids: sale}}, [2]int64{0, 0}, ""},
		"a linked return":                {[]*slip{sale, part, {number: 9, member: 7, voids: part}}, [2]int64{100, 0}, ""},
		"an unlinked return":             {[]*slip{unlinked, {number: 9, member: 7, voids: unlinked}}, [2]int64{0, 0}, ""},
		"a mixed ticket":                 {[]*slip{sale, mixed, {number: 9, member: 8, voids: mixed}}, [2]int64{100, 0}, ""},
		"a sale with a return":           {[]*slip{sale, part, {number: 9, member: 7, voids: sale}}, [2]int64{0, 0}, "e"},
		"the sale and then the return":   {[]*slip{sale, part, {number: 9, member: 7, voids: sale}, {number: 10, member: 7, voids: part}}, [2]int64{0, 0}, ""},
		"a sale twice":                   {[]*slip{sale, {number: 9, member: 7, voids: sale}, {number: 10, member: 7, voids: sale}}, [2]int64{0, 0}, "e"},
		"a void, which is not for tills": {[]*slip{sale, {number: 9, member: 7, voids: sale}, {number: 10, member: 7, voids: &slip{number: 9, member: 7, voids: sale}}}, [2]int64{0, 0}, "v"},
	} {
		m := newMemory()
		got := m.steps(t, test.slips...)
		if last := got[len(got)-1]; last != "r"+test.flag {
			t.Errorf("%s: outcome %s, want r%s", name, last, test.flag)
		}
		for i, want := range test.balances {
			if balance := m.balance(t, accountOf(byte(7+i))); balance != want {
				t.Errorf("%s: member %d has %d points, want %d", name, 7+i, balance, want)
			}
		}
	}
}

// A batch holds a sale, its return and the return's void in any order of keys.
func TestASaleItsReturnAndItsVoidInOneBatch(t *testing.T) {
	for number := range 20 { // keys are hashes: some order or other
		m := newMemory()
		sale := &slip{number: 100*number + 1, member: 7, cents: 10000}
		back := &slip{number: 100*number + 2, member: 7, returns: []returned{{sale, 4000}}}
		void := &slip{number: 100*number + 3, member: 7, voids: back}
		answer := m.record(t, void.submission(t), back.submission(t), sale.submission(t))
		if answer.Outcomes != "rrr" || len(answer.Flags) != 0 {
			t.Fatalf("outcomes %s, flags %v", answer.Outcomes, answer.Flags)
		}
		m.wantBalance(t, 7, 100)
		m.checkTotals(t)
	}
}

func TestAReturnBeforeItsSaleWaitsForIt(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 10000}
	back := &slip{number: 2, member: 7, returns: []returned{{sale, 4000}}}
	void := &slip{number: 3, member: 7, voids: back}
	for _, s := range []*slip{back, void} {
		if answer := m.record(t, s.alone(t)); answer.Outcomes != "r" || answer.Flags[0] != "w" {
			t.Fatalf("before the sale: outcome %s, flags %v", answer.Outcomes, answer.Flags)
		}
	}
	if answer := m.settle(t, back.submission(t)); answer.Outcomes != "a" || answer.Flags[0] != "w" {
		t.Errorf("the sale is not there yet: outcome %s, flags %v", answer.Outcomes, answer.Flags)
	}
	m.record(t, sale.submission(t))
	m.wantBalance(t, 7, 100)
	if answer := m.settle(t, void.submission(t)); answer.Flags[0] != "w" {
		t.Errorf("a void before what it undoes: flags %v, want it to wait", answer.Flags)
	}
	if answer := m.settle(t, back.submission(t)); answer.Outcomes != "r" || len(answer.Flags) != 0 {
		t.Errorf("settling: outcome %s, flags %v", answer.Outcomes, answer.Flags)
	}
	m.wantBalance(t, 7, 60)
	for range 3 {
		writes := m.writes
		if answer := m.settle(t, back.submission(t)); answer.Outcomes != "a" || m.writes != writes {
			t.Errorf("settling again: outcome %s, %d writes", answer.Outcomes, m.writes-writes)
		}
	}
	m.settle(t, void.submission(t))
	m.wantBalance(t, 7, 100)
	m.checkTotals(t)
}

func TestSettlingNeedsTheTicket(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 10000}
	back := &slip{number: 2, member: 7, returns: []returned{{sale, 4000}}}
	if answer := m.settle(t, back.submission(t)); answer.Outcomes != "m" {
		t.Errorf("outcome %s, want m: it is not recorded", answer.Outcomes)
	}
	m.record(t, sale.submission(t), back.alone(t))
	forged := back.submission(t)
	forged.Points.Undoes[0].Amount = -9000
	if answer := m.settle(t, forged); answer.Outcomes != "x" {
		t.Errorf("outcome %s, want x: the amount is not the ticket's", answer.Outcomes)
	}
	m.wantBalance(t, 7, 100)
}

func TestAnOriginalThatIsAnotherTicketTakesNothing(t *testing.T) {
	m := newMemory()
	sale, victim := &slip{number: 1, member: 7, cents: 10000}, &slip{number: 2, member: 8, cents: 10000}
	m.record(t, sale.submission(t), victim.submission(t))
	for name, forge := range map[string]func(o *ledger.Original){
		"another sale": func(o *ledger.Original) {
			_, opening := victim.build(t)
			*o = ledger.Original{Key: victim.key(), Opening: opening}
		},
		"another account":  func(o *ledger.Original) { o.Opening.Account = accountOf(8) },
		"another key":      func(o *ledger.Original) { o.Key = victim.key() },
		"a smaller amount": func(o *ledger.Original) { o.Opening.Eligible = 1 },
	} {
		back := (&slip{number: 3, member: 7, returns: []returned{{sale, 10000}}}).submission(t)
		forge(back.Originals[0])
		tried := m.begin()
		answer, err := record(tried, withLots([]ledger.Submission{back}))
		if err != nil || answer.Flags[0] != "w" || tried.totals.Debited != 0 {
			t.Errorf("%s: flags %v, %d points taken, %v; want it to wait", name, answer.Flags, tried.totals.Debited, err)
		}
	}
}

// Folding moves the entry of a sale; its return still finds rule and amount.
func TestAReturnAfterFolding(t *testing.T) {
	m := newMemory()
	sale := &slip{number: 1, member: 7, cents: 10000}
	m.steps(t, sale)
	fold := ledger.FoldRequest{Account: accountOf(7).String(), Fold: m.credits(accountOf(7))}
	if answer := run(t, m, foldAccount, fold); answer.Credits != 1 {
		t.Fatalf("folded %+v", answer)
	}
	m.setProgramme(t,
		points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100},
		points.Rule{Version: 2, EffectiveFrom: "0001-01-01", RateBasisPoints: 5000})
	m.steps(t, &slip{number: 2, member: 7, returns: []returned{{sale, 10000}}})
	m.wantBalance(t, 7, 0)
}
