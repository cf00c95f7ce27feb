package hotstate

// samplePages is how many pages the first look at several stores takes of all of them together. A store that sells little
// has old tickets in it: with four pages, three of four stores may be such, and the page is still found among new ones.
const samplePages = 4

// pageOf narrows to the actor's own tickets, and gives what cuts a page out of them: these columns, from a table with its
// conditions. The page has so many tickets, of which limit is the placeholder.
func pageOf(where *conditions, actor Actor, size int, limit string) func(columns, from string) string {
	if actor.Role != RoleStore || actor.RetailerID != "" || len(actor.StoreIDs) == 0 {
		where.own(actor, ownerColumns{member: "loyalty_id", retailer: "retailer_id", store: "store_id"})
		return func(columns, from string) string {
			return `
			select ` + columns + ` from ` + from + newestFirst + limit
		}
	}
	own := where.arg(actor.StoreIDs)
	sample := where.arg(min(size, (samplePages*size-1)/len(actor.StoreIDs)+1))
	where.add("store_id = own.id")
	return func(columns, from string) string { return pageOfStores(columns, from, own, sample, limit) }
}

// pageOfStores cuts a page out of the tickets of several stores. An index has the order of one store only; PostgreSQL would
// sort all tickets of all of them, and a page of each is still fifty pages. So it takes a few tickets of each: as far back
// as a page of these goes, and no further, the page itself can go. Up to there it takes at most a page of each store, and
// one page of these.
//
// A store's own page is in the order of the index, with all that stand in one place at its end: PostgreSQL thinks that there
// are few, and would rather sort them than walk.
func pageOfStores(columns, from, own, sample, limit string) string {
	const inStore = ` order by business_day desc, sequence_number desc `
	return `
			select page.*
			from (select distinct unnest(` + own + `::text[])) as own (id),
			lateral (
				select ` + columns + ` from ` + from + `
				  and (business_day, sequence_number) >= (
					select oldest.business_day, oldest.sequence_number from (
						(select sample.business_day, sample.sequence_number
						from (select distinct unnest(` + own + `::text[])) as own (id),
						lateral (select business_day, sequence_number from ` + from + inStore + `limit ` + sample + `) as sample` +
		inStore + `offset ` + limit + ` - 1 limit 1)
						union all
						select '-infinity', 0
					) as oldest` + inStore + `limit 1)
				` + inStore + `fetch first ` + limit + ` rows with ties
			) as page` + newestFirst + limit
}
