package chaos

// The default rule, as docs/ledger.md and the ticket's description have it: 100 basis points, rounded towards zero.
func earned(amount int64) int64 { return amount / 100 }

// reckon says how many points each member must have once these tickets are recorded. It knows nothing of accounts, entries,
// batches or blocks, nor in which order things arrived: a purchase earns by what returns and voids have left of it, between
// nothing and all; what was paid in points is gone, and what a void gives back is there again; and moves are what members did
// with their points otherwise.
func reckon(tickets map[string]*ticket, moves []move) map[string]int64 {
	left := make(map[string]int64, len(tickets))
	for id, t := range tickets {
		left[id] += t.own()
		if t.returns != "" {
			left[t.returns] += t.amount
		}
		if v := t.voids; v != nil {
			left[v.id] -= v.own()
			if v.returns != "" {
				left[v.returns] -= v.amount
			}
		}
	}
	points := make(map[string]int64)
	for id, t := range tickets {
		if t.member != "" {
			points[t.member] += earned(within(left[id], t.own()))
		}
		if t.paid.points != 0 {
			points[t.paid.member] -= t.paid.points
		}
	}
	for _, m := range moves {
		points[m.member] += m.points
	}
	return points
}

// within keeps an amount between zero and the whole.
func within(amount, whole int64) int64 {
	return min(max(amount, min(whole, 0)), max(whole, 0))
}
