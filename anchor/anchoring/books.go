package anchoring

import (
	"context"
	"errors"

	"github.com/tillproof/tillproof/anchor/chain"
)

// keepBooks writes down what transactions have cost, before those that are final are forgotten.
func (s *Service) keepBooks(ctx context.Context, account *chain.Account, contract *chain.Contract, newest uint64) error {
	if err := account.BookSent(ctx); err != nil {
		return err
	}
	if err := account.Forget(ctx, newest-min(s.FinalBlocks, newest)); err != nil {
		return err
	}
	day, err := account.Chain.Day(ctx)
	if err != nil {
		return err
	}
	missing := contract.BookAnchors(ctx)
	spent, err := account.Spent(ctx, day)
	if err == nil {
		s.status.paid(spent)
	}
	return errors.Join(missing, err)
}
