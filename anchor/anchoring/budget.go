package anchoring

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/domain/money"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/rates"
)

// ErrBudget says that the next anchor might go beyond what may be spent on this day.
var ErrBudget = errors.New("the anchor waits for the next day's budget, or for ANCHOR_BUDGET to be raised")

// A Budget is what anchors may cost on a day.
type Budget struct {
	money.Amount
	Rates Rates
}

// Rates know what a currency is worth in another.
type Rates interface {
	Rate(ctx context.Context, pair money.Pair) (rates.Quote, error)
}

// budgeted is the account, which may spend on an anchor of this size what is left of the day's budget. What counts is the
// most that a transaction can cost, so the budget holds whatever becomes of the fees.
func (s *Service) budgeted(account *chain.Account, contract *chain.Contract, size uint64) *chain.Account {
	if s.Budget == nil {
		return account
	}
	held := *account
	held.Allow = func(ctx context.Context, most *big.Int) error {
		d, err := s.decide(ctx, account, contract, most)
		if err != nil {
			return err
		}
		d.Size = int64(size)
		if err := hotstate.WriteAnchorDecision(ctx, s.DB, d); err != nil {
			return err
		}
		if !d.Allowed {
			return refusal(d)
		}
		return nil
	}
	return &held
}

func refusal(d hotstate.AnchorDecision) error {
	rate := money.Rate{Billionths: d.RateBillionths}
	return fmt.Errorf("%w: %s a day is %s ETH (at %s, %s %s); %s are spent, and it may cost %s", ErrBudget,
		money.Amount{Minor: d.BudgetMinor, Currency: d.BudgetCurrency}, ether(d.Budget), rate.Decimal(), d.RateTier, d.RateSource,
		ether(d.Spent), ether(d.Most))
}

func ether(wei *big.Int) string { return new(big.Rat).SetFrac(wei, big.NewInt(1e18)).FloatString(9) }

// decide holds what was spent and what may be against the budget, by a rate of this moment.
func (s *Service) decide(ctx context.Context, account *chain.Account, contract *chain.Contract, most *big.Int) (d hotstate.AnchorDecision, err error) {
	quote, err := s.Budget.Rates.Rate(ctx, money.Pair{Base: money.Ether, Quote: s.Budget.Currency})
	if err != nil {
		return d, fmt.Errorf("the budget cannot be held without a rate: %w", err)
	}
	budget, err := quote.Wei(s.Budget.Minor)
	if err != nil {
		return d, err
	}
	// What the chain has taken since this round began counts, too.
	if err := account.BookSent(ctx); err != nil {
		return d, err
	}
	day, err := account.Chain.Day(ctx)
	if err != nil {
		return d, err
	}
	if err := contract.CheckBooked(ctx, day); err != nil {
		return d, err
	}
	spent, err := account.Spent(ctx, day)
	if err != nil {
		return d, err
	}
	s.status.mayPay(budget)
	return hotstate.AnchorDecision{
		ChainID: int64(contract.ChainID), Day: day, Allowed: new(big.Int).Add(spent, most).Cmp(budget) <= 0, Spent: spent, Most: most,
		BudgetMinor: s.Budget.Minor, BudgetCurrency: s.Budget.Currency, Budget: budget,
		RateBillionths: quote.Billionths, RateTier: string(quote.Tier), RateSource: quote.Source, RateAt: quote.At,
	}, nil
}

// within notes whether an anchor waits for the budget, which is as it was configured and no error.
func (s *Service) within(err error) error {
	var wait error
	if errors.Is(err, ErrBudget) {
		wait, err = err, nil
	}
	switch begins, ends := s.status.waits(wait); {
	case begins:
		s.Observer.Warn("the day's budget for anchoring is used up", "reason", wait)
	case ends:
		s.Observer.Info("the budget allows anchoring again")
	}
	return err
}
