package registration

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// MaxPrefixes is how many GS1 company prefixes a manufacturer may hold.
const MaxPrefixes = 1000

// CheckManufacturer says what is wrong with a manufacturer's row.
func CheckManufacturer(manufacturer *hotstate.Manufacturer) *problem.Problem {
	var c checker
	c.id("/manufacturerId", manufacturer.ManufacturerID)
	c.name("/name", manufacturer.Name)
	if len(manufacturer.GS1Prefixes) > MaxPrefixes {
		c.refuse("/gs1Prefixes", "max-items", "has more than %d prefixes", MaxPrefixes)
		return c.problem()
	}
	for i, prefix := range manufacturer.GS1Prefixes {
		c.prefix(fmt.Sprintf("/gs1Prefixes/%d", i), prefix)
	}
	return c.problem()
}

// PutManufacturers registers checked rows. A prefix has one holder: the row that claims another's is refused.
func (s *Service) PutManufacturers(ctx context.Context, rows []hotstate.Manufacturer) (results []Result[hotstate.Manufacturer], err error) {
	err = s.inOrder(ctx, "manufacturers", func(tx pgx.Tx) error {
		claims, err := readClaims(ctx, tx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			results = append(results, claims.judge(row))
		}
		if err := hotstate.UpsertManufacturers(ctx, tx, claims.changed()); err != nil {
			return err
		}
		return hotstate.NotePrefixChanges(ctx, tx, claims.moved)
	})
	return results, err
}

// claims is the manufacturers of a list together with who holds the prefixes they are about.
type claims struct {
	*sheet[string, hotstate.Manufacturer]
	holders map[string]string // by prefix
	moved   []string          // prefixes that were taken or given up
}

func readClaims(ctx context.Context, tx pgx.Tx, rows []hotstate.Manufacturer) (*claims, error) {
	known, err := hotstate.ManufacturersByID(ctx, tx, unique(rows, manufacturerID))
	if err != nil {
		return nil, err
	}
	var prefixes []string
	for _, row := range rows {
		prefixes = append(prefixes, row.GS1Prefixes...)
	}
	holders, err := hotstate.PrefixHolders(ctx, tx, prefixes)
	if err != nil {
		return nil, err
	}
	return &claims{sheet: newSheet(known), holders: holders}, nil
}

func (c *claims) judge(row hotstate.Manufacturer) Result[hotstate.Manufacturer] {
	for i, prefix := range row.GS1Prefixes {
		if holder := c.holders[prefix]; holder != "" && holder != row.ManufacturerID {
			return refused[hotstate.Manufacturer](prefixHeld(i, prefix, holder))
		}
	}
	row.GS1Prefixes = inOrder(row.GS1Prefixes)
	before := c.rows[row.ManufacturerID].GS1Prefixes
	result := c.sheet.judge(row.ManufacturerID, row, sameManufacturer)
	for _, prefix := range without(before, row.GS1Prefixes) {
		delete(c.holders, prefix)
		c.moved = append(c.moved, prefix)
	}
	for _, prefix := range without(row.GS1Prefixes, before) {
		c.holders[prefix] = row.ManufacturerID
		c.moved = append(c.moved, prefix)
	}
	return result
}

// inOrder sorts prefixes and gives each once. No prefixes are an empty list, not null.
func inOrder(prefixes []string) []string {
	sorted := append([]string{}, prefixes...)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// without gives those of the prefixes that are not among others.
func without(prefixes, others []string) (rest []string) {
	for _, prefix := range prefixes {
		if !slices.Contains(others, prefix) {
			rest = append(rest, prefix)
		}
	}
	return rest
}

func manufacturerID(manufacturer hotstate.Manufacturer) string { return manufacturer.ManufacturerID }

func sameManufacturer(a, b hotstate.Manufacturer) bool {
	return a.Name == b.Name && slices.Equal(a.GS1Prefixes, b.GS1Prefixes)
}

func prefixHeld(i int, prefix, holder string) *problem.Problem {
	p := problem.New(http.StatusConflict, "prefix-held", "GS1 prefix belongs to another manufacturer",
		"prefix %s is held by manufacturer %q; take it from there first", prefix, holder)
	p.Errors = []problem.Field{{Pointer: fmt.Sprintf("/gs1Prefixes/%d", i), Rule: "prefix-held",
		Detail: "is held by manufacturer " + holder}}
	return p
}
