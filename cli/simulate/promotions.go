package simulate

import (
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// promotion is a product's reduction for a week.
type promotion struct {
	id      string
	percent int64
}

// promotions are those of one week.
type promotions struct {
	year, week int
	byItem     map[string]promotion
}

// promotionsOf draws the week's promotions: about one product in sixteen. They
// depend on the week alone, not on what was sold before.
func promotionsOf(seed uint64, date time.Time, goods *catalogue) promotions {
	year, week := date.ISOWeek()
	dice := newDice(seed, streamPromotions+uint64(year*100+week))
	drawn := promotions{year, week, map[string]promotion{}}
	for i := range goods.products {
		if dice.chance(62) {
			drawn.byItem[goods.products[i].itemID] = promotion{
				id:      fmt.Sprintf("%d-W%02d-%02d", year, week, len(drawn.byItem)+1),
				percent: int64(5 * dice.between(2, 6)),
			}
		}
	}
	return drawn
}

func (p promotions) hold(date time.Time) bool {
	year, week := date.ISOWeek()
	return p.byItem != nil && p.year == year && p.week == week
}

// discounts returns what is off a line, and the sum of it. Short-dated goods
// are marked down by hand.
func (c *chain) discounts(article *product, gross int64) ([]ticket.Discount, int64) {
	if offer, on := c.promotions.byItem[article.itemID]; on {
		off := (gross*offer.percent + 50) / 100
		return []ticket.Discount{{PromotionID: offer.id, Amount: off}}, off
	}
	if article.perishable && article.gtin != "" && c.dice.chance(15) {
		off := (gross*30 + 50) / 100
		return []ticket.Discount{{ReasonCode: "short-dated", Amount: off}}, off
	}
	return nil, 0
}
