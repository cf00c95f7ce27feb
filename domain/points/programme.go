package points

import (
	"errors"
	"fmt"
	"time"
)

// A Rule says how points are earned from a business day on.
type Rule struct {
	Version         uint32 // counts up from 1; recorded with every entry
	EffectiveFrom   string // business day, YYYY-MM-DD
	RateBasisPoints uint32
	Currency        string // ISO 4217: amounts are converted to it; "": each ticket's own minor units count
	ValidityMonths  uint16 // how many months after the month of recording the points last; 0: for ever
	LateDays        uint16 // a ticket recorded more days than this after its business day may earn less, see RuleAt; 0: off
	BareLoyaltyID   bool   // a till may redeem with the loyalty id alone, without a member code
}

// MaxRate and MaxValidityMonths bound a rule: a point a minor unit, and ten years.
const (
	MaxRate           = BasisPoints
	MaxValidityMonths = 120
)

// Check says what is wrong with a rule that is to be agreed.
func (r Rule) Check() error {
	if _, err := time.Parse(time.DateOnly, r.EffectiveFrom); err != nil {
		return fmt.Errorf("effective date %q is not a day as YYYY-MM-DD", r.EffectiveFrom)
	}
	if r.RateBasisPoints > MaxRate {
		return fmt.Errorf("a rate of %d basis points is more than %d", r.RateBasisPoints, MaxRate)
	}
	if r.ValidityMonths > MaxValidityMonths {
		return fmt.Errorf("a validity of %d months is more than %d", r.ValidityMonths, MaxValidityMonths)
	}
	if r.Currency != "" && !IsCurrency(r.Currency) {
		return fmt.Errorf("currency %q is not three capital letters", r.Currency)
	}
	return nil
}

// IsCurrency tells whether a text has the form of an ISO 4217 code.
func IsCurrency(text string) bool {
	if len(text) != 3 {
		return false
	}
	for _, letter := range []byte(text) {
		if letter < 'A' || letter > 'Z' {
			return false
		}
	}
	return true
}

// Earned gives the points of an eligible amount under the rule, after its conversion, if any.
func (r Rule) Earned(eligible, conversion int64) int64 {
	return Earned(Converted(eligible, conversion), r.RateBasisPoints)
}

// Expiry gives the month at whose end points expire that are recorded at a time.
func (r Rule) Expiry(recorded time.Time) Month {
	if r.ValidityMonths == 0 {
		return Never
	}
	return MonthOf(recorded) + Month(r.ValidityMonths)
}

// A Programme is the rules that were ever agreed, in the order of their versions.
type Programme []Rule

// Default is the programme in force until the two organisations agree on another: one percent, since ever.
var Default = Programme{{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100}}

// Version is that of the rule agreed last: every change of the programme adds a rule.
func (p Programme) Version() uint32 {
	var newest uint32
	for _, rule := range p {
		newest = max(newest, rule.Version)
	}
	return newest
}

// ErrNoRule says that no rule of the programme was in force on a business day, or that none has a version.
var ErrNoRule = errors.New("no points rule")

// Rule gives the rule of a version.
func (p Programme) Rule(version uint32) (Rule, error) {
	for _, rule := range p {
		if rule.Version == version {
			return rule, nil
		}
	}
	return Rule{}, fmt.Errorf("%w has version %d", ErrNoRule, version)
}

// RuleFor gives the rule in force on a business day (YYYY-MM-DD): of those already effective the one with the latest
// effective date, and of two with the same date the one agreed later. ISO dates compare as text.
func (p Programme) RuleFor(businessDay string) (Rule, error) {
	var best Rule
	for _, rule := range p {
		if rule.EffectiveFrom <= businessDay && rule.EffectiveFrom >= best.EffectiveFrom {
			best = rule
		}
	}
	if best.Version == 0 {
		return Rule{}, fmt.Errorf("%w was in force on business day %q", ErrNoRule, businessDay)
	}
	return best, nil
}

// RuleAt gives the rule for a ticket of a business day that is recorded at a time. It is the rule of the business day;
// but where the rule in force when it is recorded sets a number of late days, and the ticket is older than that, it is
// the one of the two with the lower rate: so nobody gains by keeping tickets back.
func (p Programme) RuleAt(businessDay string, recorded time.Time) (Rule, error) {
	rule, err := p.RuleFor(businessDay)
	if err != nil {
		return rule, err
	}
	now, err := p.RuleFor(recorded.UTC().Format(time.DateOnly))
	if err != nil || now.LateDays == 0 || now.RateBasisPoints >= rule.RateBasisPoints {
		return rule, nil
	}
	latest := recorded.UTC().AddDate(0, 0, -int(now.LateDays)).Format(time.DateOnly)
	if businessDay < latest {
		return now, nil
	}
	return rule, nil
}

// Points gives what an eligible amount of a business day earns under the programme, unconverted, 0 where no rule was in
// force.
func (p Programme) Points(eligible int64, businessDay string) int64 {
	rule, err := p.RuleFor(businessDay)
	if err != nil {
		return 0
	}
	return Earned(eligible, rule.RateBasisPoints)
}
