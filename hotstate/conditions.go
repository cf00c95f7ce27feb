package hotstate

import (
	"fmt"
	"strings"
)

// conditions collects the parts of a where clause with their arguments. The parts are constants of this package; what
// comes from outside travels as an argument.
type conditions struct {
	parts []string
	args  []any
}

// arg adds an argument and gives its placeholder.
func (c *conditions) arg(value any) string {
	c.args = append(c.args, value)
	return fmt.Sprintf("$%d", len(c.args))
}

// add adds one condition; each ? in it stands for the next argument.
func (c *conditions) add(part string, args ...any) {
	for _, value := range args {
		part = strings.Replace(part, "?", c.arg(value), 1)
	}
	c.parts = append(c.parts, part)
}

func (c *conditions) String() string {
	if len(c.parts) == 0 {
		return "true"
	}
	return strings.Join(c.parts, " and ")
}

// own narrows to the actor's own rows, by a table's columns of these names; ” where it has no such column. It says the
// same as row-level security says, a second time: each holds should the other be lost. An actor without an id, or a table
// without the column that would name the actor, gives nothing.
func (c *conditions) own(actor Actor, columns ownerColumns) {
	switch {
	case actor.Role == RoleAuditor || actor.Role == RoleAdmin:
		return
	case actor.Role == RoleCustomer && columns.member != "" && actor.LoyaltyID != "":
		c.add(columns.member+" = ?", actor.LoyaltyID)
	case actor.Role == RoleManufacturer && columns.manufacturer != "" && actor.ManufacturerID != "":
		c.add(columns.manufacturer+" = ?", actor.ManufacturerID)
	case actor.Role == RoleStore && columns.retailer != "" && actor.RetailerID != "":
		c.add(columns.retailer+" = ?", actor.RetailerID)
	case actor.Role == RoleStore && columns.store != "" && actor.RetailerID == "":
		c.add(columns.store+" = any (coalesce(?::text[], '{}'))", actor.StoreIDs)
	default:
		c.add("false")
	}
}

// ownerColumns names the columns by which a table's rows belong to somebody.
type ownerColumns struct {
	member, manufacturer, retailer, store string
}
