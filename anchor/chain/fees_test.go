package chain

import (
	"errors"
	"math/big"
	"testing"
)

func wei(n int64) *big.Int { return big.NewInt(n) }

func TestOffer(t *testing.T) {
	for name, test := range map[string]struct {
		base, tip, ceiling int64
		max                int64 // -1: too dear
	}{
		"room for a rise":      {10, 1, 100, 21},
		"up to the ceiling":    {60, 1, 100, 100},
		"exactly the ceiling":  {99, 1, 100, 100},
		"above the ceiling":    {100, 1, 100, -1},
		"a tip above it all":   {1, 200, 100, -1},
		"a chain that is free": {0, 0, 100, 0},
	} {
		fees, err := offer(wei(test.base), wei(test.tip), wei(test.ceiling))
		if test.max < 0 {
			if !errors.Is(err, ErrTooDear) {
				t.Errorf("%s: %v, want %v", name, err, ErrTooDear)
			}
			continue
		}
		if err != nil || fees.Max.Cmp(wei(test.max)) != 0 || fees.Tip.Cmp(wei(test.tip)) != 0 {
			t.Errorf("%s: %v, %v; want at most %d", name, fees, err, test.max)
		}
	}
}

// Nodes take a replacement for a tenth more of both, also of very little.
func TestReplacementsOfferEnoughMore(t *testing.T) {
	for _, old := range []int64{0, 1, 7, 8, 9, 10, 1e9, 123456789012} {
		raised, affordable := Fees{wei(1), wei(1)}.over(Fees{wei(old), wei(old)}, wei(1e18))
		least := new(big.Int).Mul(wei(old), wei(110))
		for _, n := range []*big.Int{raised.Max, raised.Tip} {
			if new(big.Int).Mul(n, wei(100)).Cmp(least) < 0 || n.Cmp(wei(old)) <= 0 {
				t.Errorf("%v after %d is too little", n, old)
			}
		}
		if !affordable || raised.Tip.Cmp(raised.Max) > 0 {
			t.Errorf("after %d: %v, %v", old, raised, affordable)
		}
	}
	if _, affordable := (Fees{wei(1), wei(1)}).over(Fees{wei(100), wei(1)}, wei(110)); affordable {
		t.Error("a replacement above the ceiling is called affordable")
	}
}
