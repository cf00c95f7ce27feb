package hotstate

// A salesSource is a table that sales are summed from.
//
// Sums are the same from each. Counts of tickets are not: a ticket counts once in each cell it touches, so cells may be
// added up only where no ticket touches two of them. A ticket has one store, one day and one currency, but many products.
// Hence, by what a source's cell is:
//
//	sales_by_day        one product, store, day      right when the answer has a product a row, or is about one product
//	sales_by_month      one owner, store, month      right for an owner over whole months
//	sales_by_store_day  one store, day               right for those who see every owner
//	lines               one line                     always right, by counting distinct tickets
type salesSource struct {
	table   string
	day     string // the column with the day, or with the first day of the month
	columns ownerColumns
	product bool // has retailer_id and item_id
}

var (
	salesByDay = salesSource{
		table: "view.sales_by_day", day: "day", product: true,
		columns: ownerColumns{manufacturer: "manufacturer_id", retailer: "retailer_id", store: "store_id"},
	}
	salesByMonth = salesSource{
		table: "view.sales_by_month", day: "month",
		columns: ownerColumns{manufacturer: "manufacturer_id"},
	}
	salesByStoreDay = salesSource{
		table: "view.sales_by_store_day", day: "day",
		columns: ownerColumns{retailer: "retailer_id", store: "store_id"},
	}
	salesLines = salesSource{
		table: "view.lines", day: "business_day", product: true,
		columns: ownerColumns{manufacturer: "manufacturer_id"},
	}
)

// source chooses the smallest table whose counts of tickets are right. Where none is, countLines says that sums come from
// the source and counts from the lines.
func (q SalesQuery) source(actor Actor) (source salesSource, countLines bool) {
	switch {
	case q.ByProduct || q.ItemID != "":
		return salesByDay, false
	case actor.Role != RoleManufacturer:
		return salesByStoreDay, false
	case q.wholeMonths():
		return salesByMonth, false
	default:
		return salesByDay, true
	}
}

// wholeMonths reports whether the query never looks inside a month.
func (q SalesQuery) wholeMonths() bool {
	return q.Period != ByDay &&
		(q.From == nil || q.From.Day() == 1) &&
		(q.To == nil || q.To.AddDate(0, 0, 1).Day() == 1)
}

// keys gives the five columns of SalesKey, constants where the query does not group by them.
func (s salesSource) keys(q SalesQuery) string {
	product, store, period := "''::text as retailer_id, ''::text as item_id", "''::text as store_id", "date '0001-01-01' as period"
	if q.ByProduct {
		product = "retailer_id, item_id"
	}
	if q.ByStore {
		store = "store_id"
	}
	switch q.Period {
	case ByDay:
		period = s.day + " as period"
	case ByMonth:
		period = "date_trunc('month', " + s.day + ")::date as period"
	}
	return product + ", " + store + ", " + period + ", currency_code"
}

// where narrows to the actor's own rows and to what was asked for.
func (s salesSource) where(c *conditions, actor Actor, q SalesQuery) string {
	own := conditions{args: c.args}
	own.own(actor, s.columns)
	if q.From != nil {
		own.add(s.day+" >= ?", *q.From)
	}
	if q.To != nil {
		own.add(s.day+" <= ?", *q.To)
	}
	if q.ItemID != "" {
		own.add("item_id = ?", q.ItemID)
	}
	if q.StoreID != "" {
		own.add("store_id = ?", q.StoreID)
	}
	if q.Cells != nil {
		addCells(&own, q.Cells)
	}
	c.args = own.args
	return own.String()
}

// salesSQL builds the query. Every piece of its text is a constant of this package.
func salesSQL(actor Actor, q SalesQuery) (string, []any) {
	source, countLines := q.source(actor)
	var c conditions
	sums := `
		select ` + source.keys(q) + `,
		       sum(units_sold) as units_sold, sum(units_returned) as units_returned,
		       sum(amount_sold) as amount_sold, sum(amount_returned) as amount_returned,
		       sum(lines)::bigint as lines, sum(tickets)::bigint as tickets, max(changed_block) as changed_block
		from ` + source.table + `
		where ` + source.where(&c, actor, q) + `
		group by 1, 2, 3, 4, 5`
	tickets, counts := "sums.tickets", ""
	if countLines {
		tickets = "coalesce(counts.tickets, 0)"
		counts = `
		left join (
			select ` + salesLines.keys(q) + `, count(distinct ticket_key) as tickets
			from view.lines
			where ` + salesLines.where(&c, actor, q) + `
			group by 1, 2, 3, 4, 5
		) counts using (retailer_id, item_id, store_id, period, currency_code)`
	}
	having := conditions{args: c.args}
	q.having(&having, actor, tickets)
	limit := ""
	if q.Limit > 0 {
		limit = " limit " + having.arg(q.Limit)
	}
	return named(q, `
		select retailer_id, item_id, store_id, period, currency_code,
		       trim_scale(units_sold)::text, trim_scale(units_returned)::text,
		       trim_scale(amount_sold)::text, trim_scale(amount_returned)::text, trim_scale(amount_sold - amount_returned)::text,
		       lines, `+tickets+`
		from (`+sums+`) sums`+counts+`
		where `+having.String()+`
		order by retailer_id, item_id, store_id, period, currency_code`+limit), having.args
}

// having narrows to the groups that are shown.
func (q SalesQuery) having(groups *conditions, actor Actor, tickets string) {
	// A cell is emptied when its product gets another owner. Only a reader who keeps up with changes needs to know.
	if q.ChangedSince != nil {
		groups.add("changed_block > ?", *q.ChangedSince)
	} else {
		groups.add("lines > 0")
	}
	if actor.Role == RoleManufacturer {
		q.Smallest.having(groups, q, tickets)
	}
	if k := q.After; k != nil {
		groups.add("(retailer_id, item_id, store_id, period, currency_code) > (?, ?, ?, ?, ?)",
			k.RetailerID, k.ItemID, k.StoreID, k.Period, k.CurrencyCode)
	}
}

// named adds the names of products and stores to a page of sums. They are looked up by key after the page was cut, and
// where the caller may not read a name there is none.
func named(q SalesQuery, page string) string {
	description, storeName, names := "null::text", "null::text", ""
	if q.ByProduct {
		description = "p.description"
		names += " left join book.products p on p.retailer_id = page.retailer_id and p.item_id = page.item_id"
	}
	if q.ByStore {
		storeName = "s.name"
		names += " left join book.stores s on s.store_id = page.store_id"
	}
	return `
		select page.*, ` + description + `, ` + storeName + `
		from (` + page + `) page` + names + `
		order by page.retailer_id, page.item_id, page.store_id, page.period, page.currency_code`
}
