package registration

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// CheckProduct fills in the defaults of a product's row, brings its GTIN to 14 digits, and says what is wrong with it.
func CheckProduct(product *hotstate.Product) *problem.Problem {
	if product.RetailerID == "" {
		product.RetailerID = DefaultRetailer
	}
	var c checker
	c.id("/itemId", product.ItemID)
	c.id("/retailerId", product.RetailerID)
	c.optionalName("/description", product.Description)
	product.GTIN = c.optionalGTIN("/gtin", product.GTIN)
	c.optionalID("/manufacturerId", product.ManufacturerID)
	c.optionalDate("/ownedFrom", product.OwnedFrom)
	return c.problem()
}

// PutProducts registers checked rows. Whose sales may have changed by it is noted, in the same commit, for the projector.
func (s *Service) PutProducts(ctx context.Context, rows []hotstate.Product) (results []Result[hotstate.Product], err error) {
	err = s.inOrder(ctx, "products", func(tx pgx.Tx) error {
		catalogue, err := readCatalogue(ctx, tx, rows)
		if err != nil {
			return err
		}
		today := s.clock().UTC().Format(time.DateOnly)
		for _, row := range rows {
			results = append(results, catalogue.judge(row, today))
		}
		return catalogue.write(ctx, tx)
	})
	return results, err
}

// catalogue is the products of a list, who owned them when, and the manufacturers they name.
type catalogue struct {
	*sheet[hotstate.ProductKey, hotstate.Product]
	owners        *sheet[hotstate.ProductKey, history]
	manufacturers map[string]hotstate.Manufacturer
	regrouped     map[hotstate.ProductKey]bool // whose sales belong to somebody else now
}

func readCatalogue(ctx context.Context, tx pgx.Tx, rows []hotstate.Product) (*catalogue, error) {
	keys := unique(rows, hotstate.Product.Key)
	known, err := hotstate.ProductsByKey(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	owners, err := hotstate.OwnersOf(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	named := unique(rows, func(p hotstate.Product) string { return p.ManufacturerID })
	manufacturers, err := hotstate.ManufacturersByID(ctx, tx, named)
	if err != nil {
		return nil, err
	}
	histories := make(map[hotstate.ProductKey]history, len(owners))
	for key, owned := range owners {
		histories[key] = owned
	}
	return &catalogue{newSheet(known), newSheet(histories), manufacturers, map[hotstate.ProductKey]bool{}}, nil
}

func (c *catalogue) judge(row hotstate.Product, today string) Result[hotstate.Product] {
	if _, registered := c.manufacturers[row.ManufacturerID]; row.ManufacturerID != "" && !registered {
		return refused[hotstate.Product](problem.Invalid(problem.Field{Pointer: "/manufacturerId", Rule: "unknown-manufacturer",
			Detail: "manufacturer " + row.ManufacturerID + " is not registered; register it first, with PUT /v1/manufacturers/{manufacturerId}"}))
	}
	key := row.Key()
	gtinBefore := c.rows[key].GTIN
	next, moved := c.owners.rows[key].with(row.ManufacturerID, row.OwnedFrom, today)
	if moved {
		c.owners.put(key, next)
	}
	row.ManufacturerID, row.OwnedFrom = next.latest()
	result := c.sheet.judge(key, row, equal)
	if moved && result.Change == Unchanged {
		result.Change = Changed // of an earlier owner only
	}
	if moved || row.GTIN != gtinBefore {
		c.regrouped[key] = true
	}
	return result
}

func (c *catalogue) write(ctx context.Context, tx pgx.Tx) error {
	if err := hotstate.UpsertProducts(ctx, tx, c.changed()); err != nil {
		return err
	}
	owners := make(map[hotstate.ProductKey][]hotstate.OwnedFrom, len(c.owners.order))
	for _, key := range c.owners.order {
		owners[key] = c.owners.rows[key]
	}
	if err := hotstate.ReplaceOwners(ctx, tx, owners); err != nil {
		return err
	}
	var regrouped []hotstate.ProductKey
	for key := range c.regrouped {
		regrouped = append(regrouped, key)
	}
	return hotstate.NoteProductChanges(ctx, tx, regrouped)
}
