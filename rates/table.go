package rates

import (
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/money"
)

// Table is what a feed answers: what one unit of Base is worth in others, in
// billionths.
type Table struct {
	Base  string
	At    time.Time // since when it holds, by the feed; zero where it does not say
	Units map[string]int64
}

// rate finds a pair in the table, by way of its base.
func (t *Table) rate(pair money.Pair) (money.Rate, error) {
	inBase, err := t.units(pair.Base)
	if err != nil {
		return money.Rate{}, err
	}
	inQuote, err := t.units(pair.Quote)
	if err != nil {
		return money.Rate{}, err
	}
	return money.Cross(pair, inBase, inQuote)
}

func (t *Table) units(code string) (int64, error) {
	if code == t.Base {
		return money.Billionths, nil
	}
	units, known := t.Units[code]
	if !known {
		return 0, fmt.Errorf("the feed has no rate of %s in %s", t.Base, code)
	}
	return units, nil
}
