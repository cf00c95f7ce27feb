package recorder

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// Conversions count amounts in the currency of the points programme.
type Conversions interface {
	Rules(ctx context.Context) (points.Programme, error)
	Of(ctx context.Context, rules points.Programme, currency, businessDay string) (ledger.Conversion, error)
	Changed() // the ledger has other rules
}

// errRules says that a transaction would count by other rules than its conversions were made for.
var errRules = errors.New("the rules of the programme have changed")

// convert gives each member's ticket the conversion that it needs. One without a rate is set apart, and waits.
func (r *Recorder) convert(ctx context.Context, batch *sealedBatch) error {
	if r.Conversions == nil {
		return nil
	}
	rules, err := r.Conversions.Rules(ctx)
	if err != nil {
		return err
	}
	batch.programme = rules.Version()
	var apart []int
	for i := range batch.submissions {
		opening := batch.submissions[i].Points
		if opening == nil || opening.Account == (ledger.Account{}) {
			continue
		}
		batch.submissions[i].Conversion, err = r.Conversions.Of(ctx, rules, opening.Currency, opening.BusinessDay)
		if err != nil {
			apart = append(apart, i)
			batch.stuck = append(batch.stuck, batch.ids[i])
			batch.fault = fmt.Errorf("convert the amount of ticket %s: %w", batch.submissions[i].Key, err)
		}
	}
	for _, i := range slices.Backward(apart) {
		batch.remove(i)
	}
	return nil
}

// countedAsMeant makes sure that the chaincode converted by the rules that the conversions were made for.
func (r *Recorder) countedAsMeant(batch sealedBatch, answer ledger.Answer) error {
	if answer.Programme == 0 || answer.Programme == batch.programme {
		return nil
	}
	r.Conversions.Changed()
	return errRules
}
