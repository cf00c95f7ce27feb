package hotstate

// SmallestCells keeps manufacturers from reading single purchases out of sums: a group of fewer tickets than its retailer
// wants is left out. Zero shows all. Whoever asks for both a sum and its parts can still subtract; the measure is for what
// is read in passing, as agreements between retailers and manufacturers tend to ask for.
type SmallestCells struct {
	ByRetailer map[string]int
	Otherwise  int // of a retailer that is not named
}

// having narrows to groups that are large enough. A group over several retailers' sales has to suit the strictest.
func (s SmallestCells) having(groups *conditions, q SalesQuery, tickets string) {
	strictest := s.Otherwise
	var retailers []string
	var numbers []int32
	for retailer, number := range s.ByRetailer {
		strictest = max(strictest, number)
		retailers, numbers = append(retailers, retailer), append(numbers, int32(number))
	}
	retailer := ""
	switch {
	case strictest == 0:
		return
	case q.ByProduct:
		retailer = "retailer_id"
	case q.ByStore:
		retailer = "(select s.retailer_id from book.stores s where s.store_id = sums.store_id)"
	default:
		groups.add("(lines = 0 or "+tickets+" >= ?)", strictest)
		return
	}
	groups.add("(lines = 0 or "+tickets+` >= coalesce(
		(select number from unnest(?::text[], ?::int[]) as smallest (retailer, number) where retailer = `+retailer+`), ?))`,
		retailers, numbers, s.Otherwise)
}
