package visibility

// Relations is what the roles read of the database, whatever a query asks for. Of a relation that is not here, no API role
// reads anything.
var Relations = []Relation{
	{
		Name: "view.tickets", Member: "loyalty_id", Store: "store_id", Retailer: "retailer_id",
		Reaches: Reaches{Customer: Own, Store: Own, Auditor: All, Admin: All},
		Note:    "auditors: the key alone; administrators: till, number and sums, no member and no content",
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
		Reaches: Reaches{Manufacturer: Own, Auditor: All, Admin: All},
		Note:    "auditors and administrators: which product, store and day, to follow what changes; no ticket, no amount",
	},
	{
		Name: "view.products_sold", Manufacturer: "manufacturer_id",
		Reaches: Reaches{Manufacturer: Own},
		Note:    "which products; for their names",
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
		Name: "view.redemptions", Store: "store_id", Retailer: "retailer_id",
		Reaches: Reaches{Store: Own, Admin: All},
		Note:    "what was paid with points by store, till and day; no member",
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
		Name: "book.stores", Store: "store_id", Retailer: "retailer_id",
		Manufacturer: "store_id in (select store_id from view.lines where manufacturer_id = any ($1))",
		Reaches:      Reaches{Store: Own, Manufacturer: Own, Auditor: All, Admin: All},
		Note:         "names; a manufacturer's own are those that sold its products",
	},
	{
		Name: "book.products", Retailer: "retailer_id",
		Store:        "retailer_id in (select retailer_id from book.stores where store_id = any ($1))",
		Manufacturer: "(retailer_id, item_id) in (select retailer_id, item_id from view.lines where manufacturer_id = any ($1))",
		Reaches:      Reaches{Store: Own, Manufacturer: Own, Auditor: All, Admin: All},
		Note:         "descriptions; a store's own are its retailer's",
	},
	{
		Name: "book.customers", Member: "loyalty_id",
		Reaches: Reaches{Customer: Own},
	},
	{
		Name: "book.redemptions", Member: "loyalty_id",
		Reaches: Reaches{Customer: Own},
	},
	{
		Name: "book.transfers", Member: "from_loyalty_id",
		Reaches: Reaches{Customer: Own},
		Note:    "those the customer asked for",
	},
	{
		Name: "book.users", Member: "loyalty_id",
		Reaches: Reaches{Customer: Own},
		Note:    "not the password's hash",
	},
	{
		Name:    "view.checkpoint",
		Reaches: Reaches{All, All, All, All, All},
		Note:    "how far the view has come",
	},
}
