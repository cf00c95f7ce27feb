package visibility

// Relations is what the roles read of the database, whatever a query asks for. Of a relation that is not here, no API role
// reads anything.
var Relations = []Relation{
	{
		Name: "view.tickets", Member: "loyalty_id", Store: "store_id", Retailer: "retailer_id",
		Reaches: Reaches{Customer: Own, Store: Own, Auditor: All, Admin: All},
		Note:    "auditors: the key alone",
	},
	{
		Name: "book.tickets", Member: "loyalty_id", Store: "store_id", Retailer: "retailer_id",
		Reaches: Reaches{Customer: Own, Store: Own, Auditor: All, Admin: All},
		Note:    "nobody the seed; auditors and administrators neither body nor member",
	},
	{
		Name:    "book.refusals",
		Reaches: Reaches{Auditor: All, Admin: All},
		Note:    "the reasons alone",
	},
	{
		Name: "view.lines", Manufacturer: "manufacturer_id",
		Reaches: Reaches{Manufacturer: Own},
	},
	{
		Name: "view.sales_by_day", Manufacturer: "manufacturer_id", Store: "store_id", Retailer: "retailer_id",
		Reaches: Reaches{Store: Own, Manufacturer: Own, Auditor: All, Admin: All},
		Note:    "stores do not see who owns a product",
	},
	{
		Name: "view.sales_by_month", Manufacturer: "manufacturer_id",
		Reaches: Reaches{Manufacturer: Own},
	},
	{
		Name: "view.sales_by_store_day", Store: "store_id", Retailer: "retailer_id",
		Reaches: Reaches{Store: Own, Auditor: All, Admin: All},
	},
	{
		Name: "view.points_entries", Member: "loyalty_id",
		Reaches: Reaches{Customer: Own},
		Note:    "not the ledger's pseudonym",
	},
	{
		Name: "view.points_balances", Member: "loyalty_id",
		Reaches: Reaches{Customer: Own, Auditor: All, Admin: All},
		Note:    "auditors and administrators: sums, no member",
	},
	{
		Name: "view.points_buckets", Member: "loyalty_id",
		Reaches: Reaches{Customer: Own},
	},
	{
		Name:    "view.checkpoint",
		Reaches: Reaches{All, All, All, All, All},
		Note:    "how far the view has come",
	},
}
