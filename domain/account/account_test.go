package account_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/points"
)

const may, june, never = points.Month(2026*12 + 4), points.Month(2026*12 + 5), points.Never

func head(parts ...account.Part) *account.Head {
	h := new(account.Head)
	for _, part := range parts {
		h.Credit(part)
	}
	return h
}

func TestBucketsStandInTheOrderOfExpiry(t *testing.T) {
	h := head(account.Part{Month: never, Points: 3}, account.Part{Month: june, Points: 2}, account.Part{Month: may, Points: 1}, account.Part{Month: june, Points: 5})
	if want := []account.Part{{Month: may, Points: 1}, {Month: june, Points: 7}, {Month: never, Points: 3}}; !reflect.DeepEqual(h.Buckets, want) {
		t.Errorf("got %v, want %v", h.Buckets, want)
	}
}

func TestSpendTakesWhatExpiresFirst(t *testing.T) {
	h := head(account.Part{Month: never, Points: 10}, account.Part{Month: may, Points: 4}, account.Part{Month: june, Points: 4})
	parts, err := h.Spend(9)
	if want := []account.Part{{Month: may, Points: 4}, {Month: june, Points: 4}, {Month: never, Points: 1}}; err != nil || !reflect.DeepEqual(parts, want) {
		t.Errorf("got %v, %v, want %v", parts, err, want)
	}
	if _, err := h.Spend(10); !errors.Is(err, account.ErrInsufficient) || h.Available() != 9 {
		t.Errorf("one more than there is: %v, %d available", err, h.Available())
	}
	for _, none := range []int64{0, -1} {
		if _, err := h.Spend(none); err == nil {
			t.Errorf("spends %d", none)
		}
	}
}

func TestDebit(t *testing.T) {
	for name, test := range map[string]struct {
		debit account.Part
		want  []account.Part
		debt  int64
	}{
		"from its own month":         {account.Part{Month: june, Points: 3}, []account.Part{{Month: may, Points: 4}, {Month: june, Points: 1}, {Month: never, Points: 2}}, 0},
		"then from what lasts":       {account.Part{Month: june, Points: 5}, []account.Part{{Month: may, Points: 4}, {Month: never, Points: 1}}, 0},
		"of a month that is not had": {account.Part{Month: june + 1, Points: 3}, []account.Part{{Month: may, Points: 4}, {Month: june, Points: 3}}, 0},
		"beyond zero":                {account.Part{Month: may, Points: 13}, nil, 3},
		"of nothing":                 {account.Part{Month: may, Points: 0}, []account.Part{{Month: may, Points: 4}, {Month: june, Points: 4}, {Month: never, Points: 2}}, 0},
	} {
		h := head(account.Part{Month: may, Points: 4}, account.Part{Month: june, Points: 4}, account.Part{Month: never, Points: 2})
		h.Debit(test.debit)
		if len(h.Buckets) != len(test.want) || len(test.want) > 0 && !reflect.DeepEqual(h.Buckets, test.want) || h.Debt != test.debt {
			t.Errorf("%s: %v, debt %d; want %v, %d", name, h.Buckets, h.Debt, test.want, test.debt)
		}
	}
}

func TestACreditPaysDebtFirst(t *testing.T) {
	h := head()
	h.Debit(account.Part{Points: 10})
	h.Credit(account.Part{Month: may, Points: 7})
	h.Credit(account.Part{Month: june, Points: 7})
	if h.Debt != 0 || !reflect.DeepEqual(h.Buckets, []account.Part{{Month: june, Points: 4}}) {
		t.Errorf("debt %d, buckets %v", h.Debt, h.Buckets)
	}
}

func TestExpire(t *testing.T) {
	h := head(account.Part{Month: may, Points: 4}, account.Part{Month: june, Points: 5}, account.Part{Month: never, Points: 6})
	for at, want := range map[string]int64{"2026-05-31T23:59:59Z": 0, "2026-06-01T01:00:00+02:00": 0} {
		if got := h.Expire(parse(t, at)); got != want {
			t.Errorf("%s: %d expire, want %d", at, got, want)
		}
	}
	if got := h.Expire(parse(t, "2026-07-01T00:00:00Z")); got != 9 || h.Available() != 6 {
		t.Errorf("%d expire and %d are left, want 9 and 6", got, h.Available())
	}
}

func parse(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestCut(t *testing.T) {
	parts := []account.Part{{Month: may, Points: 4}, {Month: june, Points: 5}}
	for _, test := range []struct {
		from, to int64
		want     []account.Part
	}{
		{0, 9, parts}, {0, 4, parts[:1]}, {4, 9, parts[1:]}, {3, 5, []account.Part{{Month: may, Points: 1}, {Month: june, Points: 1}}},
		{5, 5, nil}, {6, 3, nil}, {9, 12, nil},
	} {
		if got := account.Cut(parts, test.from, test.to); !reflect.DeepEqual(got, test.want) {
			t.Errorf("from %d to %d: %v, want %v", test.from, test.to, got, test.want)
		}
	}
}

// Points neither come from nowhere nor get lost, whatever is done to a head.
func TestAHeadConservesPoints(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		h, sum := head(), int64(0)
		for range 60 {
			part := account.Part{Month: points.Month(random.IntN(5)), Points: 1 + random.Int64N(50)}
			switch random.IntN(4) {
			case 0:
				h.Debit(part)
				sum -= part.Points
			case 1:
				if parts, err := h.Spend(part.Points); err == nil {
					sum -= account.Sum(parts)
				}
			default:
				h.Credit(part)
				sum += part.Points
			}
			if h.Available() != sum || h.Debt < 0 || h.Debt > 0 && len(h.Buckets) > 0 {
				t.Fatalf("head %+v, want %d available", h, sum)
			}
		}
	}
}

func TestUndoesAddUpInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		eligible := random.Int64N(20_001) - 10_000
		undoes := make([]int64, 1+random.IntN(6))
		for i := range undoes {
			undoes[i] = random.Int64N(12_001) - 6_000
		}
		var first int64
		for round := range 4 {
			random.Shuffle(len(undoes), func(i, j int) { undoes[i], undoes[j] = undoes[j], undoes[i] })
			p := account.Purchase{Rule: points.Default[0], Eligible: eligible, Left: eligible}
			earned := p.Rule.Earned(eligible, 0)
			balance := earned
			for _, undo := range undoes {
				change, _ := p.Undo(undo)
				balance += change
				if balance < min(0, earned) || balance > max(0, earned) {
					t.Fatalf("%d after undoing %v of %d: beyond zero, or beyond what it earned", balance, undoes, eligible)
				}
			}
			if round == 0 {
				first = balance
			}
			if balance != first {
				t.Fatalf("undoing %v of %d comes to %d, in another order to %d", undoes, eligible, balance, first)
			}
		}
	}
}
