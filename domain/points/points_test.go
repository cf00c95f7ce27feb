package points_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"testing/quick"

	"github.com/tillproof/tillproof/domain/points"
)

func TestEarned(t *testing.T) {
	for _, test := range []struct {
		eligible int64
		rate     uint32
		want     int64
	}{
		{0, 100, 0},
		{99, 100, 0},
		{100, 100, 1},
		{199, 100, 1},
		{-99, 100, 0},
		{-100, 100, -1},
		{-199, 100, -1},
		{13912, 100, 139},
		{-13912, 100, -139},
		{1, 10_000, 1},
		{100, 0, 0},
		{points.MaxEligible, 10_000, points.MaxEligible},
		{-points.MaxEligible, 10_000, -points.MaxEligible},
	} {
		if got := points.Earned(test.eligible, test.rate); got != test.want {
			t.Errorf("Earned(%d, %d) = %d, want %d", test.eligible, test.rate, got, test.want)
		}
	}
}

// wide is the formula of the package comment in integers of any size.
func wide(eligible int64, rate uint32) int64 {
	value := new(big.Int).Abs(big.NewInt(eligible))
	value.Mul(value, big.NewInt(int64(rate))).Quo(value, big.NewInt(points.BasisPoints))
	if !value.IsInt64() {
		value.SetInt64(math.MaxInt64)
	}
	if eligible < 0 {
		value.Neg(value)
	}
	return value.Int64()
}

func TestEarnedAgreesWithBigIntegers(t *testing.T) {
	agrees := func(eligible int64, rate uint32) bool { return points.Earned(eligible, rate) == wide(eligible, rate) }
	if err := quick.Check(agrees, &quick.Config{MaxCount: 20_000}); err != nil {
		t.Error(err)
	}
}

func TestSaleAndItsNegationCancel(t *testing.T) {
	cancels := func(eligible int64, rate uint32) bool {
		return eligible == math.MinInt64 || points.Earned(eligible, rate)+points.Earned(-eligible, rate) == 0
	}
	if err := quick.Check(cancels, nil); err != nil {
		t.Error(err)
	}
}

func TestRuleFor(t *testing.T) {
	programme := points.Programme{
		{Version: 1, EffectiveFrom: "2020-01-01", RateBasisPoints: 100},
		{Version: 2, EffectiveFrom: "2026-06-01", RateBasisPoints: 200},
		{Version: 3, EffectiveFrom: "2026-01-01", RateBasisPoints: 50},
		{Version: 4, EffectiveFrom: "2026-01-01", RateBasisPoints: 75},
	}
	for day, version := range map[string]uint32{
		"2020-01-01": 1, "2025-12-31": 1, "2026-01-01": 4, "2026-05-31": 4, "2026-06-01": 2, "9999-12-31": 2,
	} {
		rule, err := programme.RuleFor(day)
		if err != nil || rule.Version != version {
			t.Errorf("RuleFor(%s) = version %d, %v; want version %d", day, rule.Version, err, version)
		}
	}
	if _, err := programme.RuleFor("2019-12-31"); !errors.Is(err, points.ErrNoRule) {
		t.Errorf("a day before every rule: got %v, want ErrNoRule", err)
	}
	if rule, err := points.Default.RuleFor("0001-01-01"); err != nil || rule.RateBasisPoints != 100 {
		t.Errorf("the default programme holds since ever: got %+v, %v", rule, err)
	}
}
