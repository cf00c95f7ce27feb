package hotstate

import "strings"

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
	monthly bool   // day is of a month
	columns ownerColumns
}

var (
	salesByDay = salesSource{
		table: "view.sales_by_day", day: "day",
		columns: ownerColumns{manufacturer: "manufacturer_id", retailer: "retailer_id", store: "store_id"},
	}
	salesByMonth = salesSource{
		table: "view.sales_by_month", day: "month", monthly: true,
		columns: ownerColumns{manufacturer: "manufacturer_id"},
	}
	salesByStoreDay = salesSource{
		table: "view.sales_by_store_day", day: "day",
		columns: ownerColumns{retailer: "retailer_id", store: "store_id"},
	}
	salesLines = salesSource{
		table: "view.lines", day: "business_day",
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

// A salesColumn is one column of SalesKey.
type salesColumn struct {
	name, expression string
	grouped          bool // else the expression is a constant
	after            func(SalesKey) any
}

// keyColumns gives the key's columns in the order of answers. Time comes first, as in the keys of the roll-ups by day and
// month: a page of an owner's own cells is then read off the index, and costs the same however many there are behind it.
func (s salesSource) keyColumns(q SalesQuery) []salesColumn {
	period := "date '0001-01-01'"
	switch {
	case q.Period == ByMonth && s.monthly:
		period = s.day
	case q.Period == ByMonth:
		period = "date_trunc('month', " + s.day + ")::date"
	case q.Period == ByDay:
		period = s.day
	}
	column := func(name string, grouped bool, after func(SalesKey) any) salesColumn {
		if !grouped {
			return salesColumn{name: name, expression: "''::text"}
		}
		return salesColumn{name, name, true, after}
	}
	return []salesColumn{
		{"period", period, q.Period != NoPeriod, func(k SalesKey) any { return k.Period }},
		column("retailer_id", q.ByProduct, func(k SalesKey) any { return k.RetailerID }),
		column("item_id", q.ByProduct, func(k SalesKey) any { return k.ItemID }),
		column("store_id", q.ByStore, func(k SalesKey) any { return k.StoreID }),
		column("currency_code", true, func(k SalesKey) any { return k.CurrencyCode }),
	}
}

// keys selects the columns of SalesKey, constants where the query does not group by them.
func (s salesSource) keys(q SalesQuery) string {
	var list []string
	for _, c := range s.keyColumns(q) {
		list = append(list, c.expression+" as "+c.name)
	}
	return strings.Join(list, ", ")
}

// grouping lists what is grouped by. Constants are left out: PostgreSQL would not see that an index has the order.
func (s salesSource) grouping(q SalesQuery) string {
	var list []string
	for _, c := range s.keyColumns(q) {
		if c.grouped {
			list = append(list, c.expression)
		}
	}
	return strings.Join(list, ", ")
}

// order is that of answers, of the rows of this table.
func (q SalesQuery) order(table string) string {
	var list []string
	for _, c := range (salesSource{}).keyColumns(q) {
		if c.grouped {
			list = append(list, table+"."+c.name)
		}
	}
	return strings.Join(list, ", ")
}

// after narrows to what comes behind a key.
func (s salesSource) after(where *conditions, q SalesQuery) {
	if q.After == nil {
		return
	}
	var names, marks []string
	var values []any
	for _, c := range s.keyColumns(q) {
		if c.grouped {
			names, marks, values = append(names, c.expression), append(marks, "?"), append(values, c.after(*q.After))
		}
	}
	where.add("("+strings.Join(names, ", ")+") > ("+strings.Join(marks, ", ")+")", values...)
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
	s.after(&own, q)
	c.args = own.args
	return own.String()
}
