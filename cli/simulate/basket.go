package simulate

import (
	"slices"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// basketSizes is how many different products a basket holds, from one on.
// Half hold six or fewer; the last four are drawn from a range each.
var (
	basketSizes = weigh(90, 90, 90, 90, 85, 80, 70, 60, 50, 45, 40, 35, 30, 25, 22, 60, 50, 20, 4)
	largeSizes  = [][2]int{{16, 20}, {21, 30}, {31, 50}, {51, 80}}
)

func (c *chain) basketSize() int {
	size := c.dice.pick(basketSizes) + 1
	if large := size - (len(basketSizes) - len(largeSizes)) - 1; large >= 0 {
		return c.dice.between(largeSizes[large][0], largeSizes[large][1])
	}
	return size
}

// basket draws what somebody buys, as lines of a ticket, and the deposit on it.
func (c *chain) basket(shop *store, member *customer, date time.Time) []ticket.LineItem {
	size := c.basketSize()
	lines := make([]ticket.LineItem, 0, size+1)
	chosen := make([]int, 0, size)
	bottles := int64(0)
	for range size {
		index := c.article(member)
		if slices.Contains(chosen, index) {
			continue // it is in the basket already
		}
		chosen = append(chosen, index)
		article := &c.goods.products[index]
		quantity := c.quantity(article)
		if article.deposit {
			bottles += int64(quantity) / 1000
		}
		lines = append(lines, c.soldLine(shop, article, quantity, date))
	}
	if bottles > 0 {
		lines = append(lines, c.depositLine(shop, bottles))
	}
	return lines
}

// article draws a product: members mostly take what they always take.
func (c *chain) article(member *customer) int {
	if member != nil && c.dice.chance(550) {
		return int(member.favourites[c.dice.IntN(len(member.favourites))])
	}
	return c.dice.pick(c.goods.popularity)
}

// quantity draws how much is bought: a weight in grams, or pieces.
func (c *chain) quantity(article *product) ticket.Quantity {
	switch {
	case article.grams > 0:
		// The sum of two draws lies around the usual weight.
		half := article.grams / 2
		return ticket.Quantity(article.grams/4 + c.dice.IntN(half+1) + c.dice.IntN(article.grams))
	case c.dice.chance(article.several):
		// The lesser of two draws: two or three more often than six.
		return ticket.Quantity(1000 * min(c.dice.between(2, 6), c.dice.between(2, 6)))
	}
	return 1000
}

// soldLine prices a product.
func (c *chain) soldLine(shop *store, article *product, quantity ticket.Quantity, date time.Time) ticket.LineItem {
	price := article.prices[shop.country]
	gross := (price*int64(quantity) + 500) / 1000
	discounts, off := c.discounts(article, gross)
	line := ticket.LineItem{
		ItemID:         article.itemID,
		GTIN:           article.gtin14(),
		Description:    article.description,
		Quantity:       quantity,
		UnitOfMeasure:  article.unitOfMeasure(),
		UnitPrice:      unitPrice(price),
		ExtendedAmount: gross - off,
		Discounts:      discounts,
	}
	if article.perishable && article.gtin != "" && article.grams == 0 {
		// Packed a few days ago, under the packing day's number.
		line.Lot = "L" + date.AddDate(0, 0, -c.dice.between(1, 6)).Format("060102")
	}
	line.Tax = c.taxOn(shop, article.tax, line.ExtendedAmount)
	return line
}

// depositItem is the article under which deposits are charged and paid back.
const depositItem = "900100"

// depositLine charges the deposit on bottles, or pays it back where their
// number is negative.
func (c *chain) depositLine(shop *store, bottles int64) ticket.LineItem {
	each := c.countries[shop.country].deposit
	line := ticket.LineItem{
		ItemID:         depositItem,
		Description:    "Deposit",
		Quantity:       ticket.Quantity(bottles * 1000),
		UnitPrice:      unitPrice(each),
		ExtendedAmount: bottles * each,
	}
	if bottles < 0 {
		line.Description = "Deposit paid back"
	}
	line.Tax = c.taxOn(shop, standard, line.ExtendedAmount)
	return line
}
