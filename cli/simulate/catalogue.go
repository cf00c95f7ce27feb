package simulate

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/domain/gs1"
	"github.com/tillproof/tillproof/domain/ticket"
)

//go:embed assortment.csv
var assortment string

// taxClass is how a country's value added tax treats a product.
type taxClass int

const (
	food taxClass = iota
	baked
	standard
)

// category is a group of products that behave alike.
type category struct {
	tax        taxClass
	perishable bool // marked down when short-dated, never taken back
	several    int  // of a thousand times, more than one is bought
	deposit    bool // its bottles and cans carry a deposit
}

var categories = map[string]category{
	"dairy":     {tax: food, perishable: true, several: 250},
	"bakery":    {tax: baked, perishable: true, several: 400},
	"produce":   {tax: food, perishable: true, several: 150},
	"meat":      {tax: food, perishable: true, several: 80},
	"pantry":    {tax: food, several: 150},
	"coffee":    {tax: food, several: 80},
	"sweets":    {tax: food, several: 200},
	"drinks":    {tax: standard, several: 550, deposit: true},
	"juice":     {tax: standard, several: 250},
	"frozen":    {tax: food, several: 150},
	"household": {tax: standard, several: 60},
	"care":      {tax: standard, several: 60},
	"pets":      {tax: standard, several: 500},
}

// product is one article of the assortment.
type product struct {
	itemID      string
	description string
	gtin        string // as printed; empty for what has no barcode
	owner       string // manufacturer it names itself; empty where the prefix tells, or nobody
	grams       int    // of a usual purchase, if sold by weight
	prices      [2]int64
	category
}

// unitOfMeasure is UN/ECE Recommendation 20's kilogram, where it is weighed.
func (p *product) unitOfMeasure() string {
	if p.grams > 0 {
		return "KGM"
	}
	return ""
}

// gtin14 returns the barcode as tickets carry it, or nothing.
func (p *product) gtin14() string {
	gtin, _ := gs1.Normalise(p.gtin)
	return gtin
}

// catalogue is the whole assortment, with how well each article sells.
type catalogue struct {
	products   []product
	popularity weights
	byItem     map[string]*product
}

func newCatalogue(seed uint64) (*catalogue, error) {
	rows := csv.NewReader(strings.NewReader(assortment))
	rows.Comma = ';'
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read assortment: %w", err)
	}
	dice := newDice(seed, streamProducts)
	made := &catalogue{byItem: map[string]*product{}}
	var popularity []int
	for _, row := range all[1:] {
		for _, variant := range strings.Split(row[3], "|") {
			article, liking, err := newProduct(dice, row, variant, len(made.products))
			if err != nil {
				return nil, fmt.Errorf("read assortment: %s: %w", row[2], err)
			}
			made.products, popularity = append(made.products, article), append(popularity, liking)
		}
	}
	made.popularity = weigh(popularity...)
	made.assignOddOwners()
	for i := range made.products {
		made.byItem[made.products[i].itemID] = &made.products[i]
	}
	return made, nil
}

// newProduct makes the article of a row of the assortment: category, maker,
// description, variants, cents, grams, popularity.
func newProduct(dice dice, row []string, variant string, index int) (product, int, error) {
	kind, known := categories[row[0]]
	cents, centsErr := strconv.Atoi(row[4])
	popularity, popularityErr := strconv.Atoi(row[6])
	if !known || centsErr != nil || popularityErr != nil {
		return product{}, 0, fmt.Errorf("row is not well formed: %q", row)
	}
	grams, _ := strconv.Atoi(row[5]) // empty: sold by the piece
	article := product{
		itemID:      strconv.Itoa(200100 + 7*index),
		description: row[2],
		grams:       grams,
		category:    kind,
	}
	if variant != "" {
		article.description += ", " + variant
	}
	article.prices = [2]int64{germany: int64(cents), ireland: dearer(cents)}
	article.number(row[1], index)
	// No two variants sell alike.
	return article, popularity * dice.between(60, 140), nil
}

// dearer is an Irish price: about 8 % more, and ending in nine again.
func dearer(cents int) int64 { return int64(cents*108/1000)*10 + 9 }

// number gives the article its barcode, by who makes it.
func (p *product) number(maker string, index int) {
	switch maker {
	case fresh:
		p.itemID = strconv.Itoa(4000 + index) // short, to be keyed in
	case counter:
		p.gtin = withCheckDigit(fmt.Sprintf("21%05d00000", index))
	case ownBrand:
		p.gtin = withCheckDigit(fmt.Sprintf("20%010d", 10000+index))
	case localFirm:
		p.gtin = gtin13(localPrefix, index)
	case packer:
		p.gtin, p.owner = gtin13(localPrefix, index), packer
	default:
		prefixes := makerPrefixes(maker)
		p.gtin = gtin13(prefixes[index%len(prefixes)], index)
	}
}

// assignOddOwners makes the cases in which the prefix misleads: a brand that
// was sold keeps its maker's old numbers, and a small pack has a short number.
func (c *catalogue) assignOddOwners() {
	for i := range c.products {
		switch article := &c.products[i]; {
		case strings.HasPrefix(article.description, "Gingerbread"):
			article.owner = "fennimarsh"
		case strings.HasPrefix(article.description, "Mint drops"):
			article.gtin, article.owner = withCheckDigit(fmt.Sprintf("9520%03d", i)), "brumbleigh"
		}
	}
}

func gtin13(prefix string, index int) string {
	return withCheckDigit(fmt.Sprintf("%s%0*d", prefix, 12-len(prefix), 10+index))
}

func withCheckDigit(digits string) string {
	return digits + string(rune(gs1.CheckDigit(digits)))
}

// unitPrice turns cents into the ticket's form.
func unitPrice(cents int64) ticket.Optional[ticket.UnitPrice] {
	return ticket.Some(ticket.UnitPrice(cents * 1000))
}
