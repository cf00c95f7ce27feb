package visibility

// What the calls show. Calls that are not here need no token.
var (
	Session = Resource{
		Name: "the own session and password", Calls: []string{"DELETE /v1/sessions", "PUT /v1/password"},
		Reaches: Reaches{Own, Own, Own, Own, Own},
	}
	Points = Resource{
		Name: "points and their statement", Calls: []string{"GET /v1/points", "GET /v1/points/entries", "GET /v1/member-code"},
		Reaches: Reaches{Customer: Own},
	}
	Tickets = Resource{
		Name: "tickets", Calls: []string{"GET /v1/tickets", "GET /v1/tickets/{id}", "GET /v1/tickets/{id}/proof"},
		Reaches: Reaches{Customer: Own, Store: Own},
		Note:    "a customer does not see the operator, and not why a ticket was refused",
	}
	Sales = Resource{
		Name: "sales", Calls: []string{"GET /v1/sales", "GET /v1/sales/stream"},
		Reaches: Reaches{Store: Own, Manufacturer: Own, Auditor: All, Admin: All},
		Note:    "a manufacturer's own are its products', a store's its stores'",
	}
	Lines = Resource{
		Name: "single lines and their proofs", Calls: []string{"GET /v1/sales/lines", "GET /v1/sales/lines/{lineRef}/proof"},
		Reaches: Reaches{Manufacturer: Own},
		Note:    "a proof discloses one line and nothing else of its ticket",
	}
	StoreDays = Resource{
		Name: "days and tills of a store", Calls: []string{"GET /v1/stores/{storeId}/days"},
		Reaches: Reaches{Store: Own, Admin: All},
		Note:    "numbers and sums, no ticket",
	}
	Export = Resource{
		Name: "all that is held", Calls: []string{"GET /v1/export"},
		Reaches: Reaches{Customer: Own},
	}
	Reconciliation = Resource{
		Name: "reconciliation", Calls: []string{"GET /v1/reconciliation"},
		Reaches: Reaches{Auditor: All, Admin: All},
		Note:    "counts, no person",
	}
)

// Resources is the table.
var Resources = []Resource{Session, Points, Tickets, Sales, Lines, StoreDays, Export, Reconciliation}
