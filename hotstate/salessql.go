package hotstate

import "strings"

// salesSQL builds the query, of sums without names. Every piece of its text is a constant of this package.
func salesSQL(actor Actor, q SalesQuery) (string, []any) {
	source, countLines := q.source(actor)
	var c conditions
	var sums string
	if source.isCell(actor, q) {
		sums = source.cells(q) + " where " + source.where(&c, actor, q)
	} else {
		sums = source.sums(q) + " where " + source.where(&c, actor, q) + " group by " + source.grouping(q)
	}
	tickets, counts := "sums.tickets", ""
	if countLines {
		tickets = "coalesce(counts.tickets, 0)"
		counts = `
		left join (
			select ` + salesLines.keys(q) + `, count(distinct ticket_key) as tickets
			from view.lines
			where ` + salesLines.where(&c, actor, q) + `
			group by ` + salesLines.grouping(q) + `
		) counts using (period, retailer_id, item_id, store_id, currency_code)`
	}
	having := conditions{args: c.args}
	q.having(&having, actor, tickets)
	limit := ""
	if q.Limit > 0 {
		limit = " limit " + having.arg(q.Limit)
	}
	return `
		select ` + q.columns(tickets) + `
		from (` + sums + `) sums` + counts + `
		where ` + having.String() + ` order by ` + q.order("sums") + limit, having.args
}

// columns are those that the query asks for: each costs as much to send as a sum to find.
func (q SalesQuery) columns(tickets string) string {
	list := []string{"currency_code", "units_sold", "units_returned", "amount_sold", "amount_returned", "lines", tickets}
	if q.ByProduct {
		list = append(list, "retailer_id", "item_id")
	}
	if q.ByStore {
		list = append(list, "store_id")
	} else {
		list = append(list, "stores")
	}
	if q.Period != NoPeriod {
		list = append(list, "period - date '2000-01-01'")
	}
	return strings.Join(list, ", ")
}

// isCell reports whether each group is one cell of the source: there is nothing to sum.
func (s salesSource) isCell(actor Actor, q SalesQuery) bool {
	if actor.Role != RoleManufacturer {
		return false // of some sources, cells of several owners make a group
	}
	switch s.table {
	case salesByDay.table:
		return q.ByProduct && q.ByStore && q.Period == ByDay
	case salesByMonth.table:
		return q.ByStore && q.Period == ByMonth
	}
	return false
}

// cells reads rows as they are, which PostgreSQL does in the order of an index and stops after a page. A sum of one row
// would be the same, but PostgreSQL makes all of them before the first.
func (s salesSource) cells(q SalesQuery) string {
	return `
		select ` + s.keys(q) + `, units_sold, units_returned, amount_sold, amount_returned, lines, tickets, changed_block,
		       null::bigint as stores
		from ` + s.table
}

func (s salesSource) sums(q SalesQuery) string {
	return `
		select ` + s.keys(q) + `,
		       sum(units_sold) as units_sold, sum(units_returned) as units_returned,
		       sum(amount_sold) as amount_sold, sum(amount_returned) as amount_returned,
		       sum(lines)::bigint as lines, sum(tickets)::bigint as tickets, max(changed_block) as changed_block,
		       ` + q.stores() + ` as stores
		from ` + s.table
}

// stores counts the stores of a group that have sales in it. Of a group that is one store's it is not asked.
func (q SalesQuery) stores() string {
	if q.ByStore {
		return "null::bigint"
	}
	return "count(distinct store_id) filter (where lines > 0)"
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
}
