// Package visibility is the table of who sees what: by role what each call shows, and by role what each relation of the
// database shows. The routes take their roles from it, the tests of both guards are made from it, and docs/visibility.md
// is printed from it.
package visibility

import "github.com/tillproof/tillproof/hotstate"

// Reach is how much of something a role sees.
type Reach string

const (
	Nothing Reach = ""    // it may not ask at all
	Own     Reach = "own" // what is another's is not found
	All     Reach = "all"
)

// Roles are the roles of the API, in the order of the tables' columns.
var Roles = []string{hotstate.RoleCustomer, hotstate.RoleStore, hotstate.RoleManufacturer, hotstate.RoleAuditor, hotstate.RoleAdmin}

// Reaches says how far each role reaches; a role that is left out reaches nothing.
type Reaches struct{ Customer, Store, Manufacturer, Auditor, Admin Reach }

// Of gives the reach of one role.
func (r Reaches) Of(role string) Reach {
	switch role {
	case hotstate.RoleCustomer:
		return r.Customer
	case hotstate.RoleStore:
		return r.Store
	case hotstate.RoleManufacturer:
		return r.Manufacturer
	case hotstate.RoleAuditor:
		return r.Auditor
	case hotstate.RoleAdmin:
		return r.Admin
	}
	return Nothing
}

// A Resource is what some calls show.
type Resource struct {
	Name  string
	Calls []string // method and path
	Reaches
	Note string
}

// May lists the roles that may ask for the resource at all.
func (r Resource) May() []string {
	var roles []string
	for _, role := range Roles {
		if r.Of(role) != Nothing {
			roles = append(roles, role)
		}
	}
	return roles
}

// A Relation is a table or a view of the database that API roles read.
type Relation struct {
	Name string
	// Whose a row is: a column, or, where no column says it, a condition over the ids $1 of who asks. '' if it is not a
	// matter of such ids.
	Member, Manufacturer, Store, Retailer string
	Reaches
	Note string
}
