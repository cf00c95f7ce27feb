package registration

import (
	"slices"

	"github.com/tillproof/tillproof/hotstate"
)

// sinceEver is the day from which a product's first explicit owner holds.
const sinceEver = "0001-01-01"

// history is who owned a product explicitly, in the order of the days from which each holds. An empty owner ends an
// explicit ownership.
type history []hotstate.OwnedFrom

// latest gives the last owner and since when; nothing where the last one is nobody.
func (h history) latest() (manufacturerID, ownedFrom string) {
	if len(h) == 0 || h[len(h)-1].ManufacturerID == "" {
		return "", ""
	}
	last := h[len(h)-1]
	return last.ManufacturerID, last.Day
}

// with makes a manufacturer the owner from a day on, whatever was to come after that day; an empty one is nobody.
// Without a day, the first owner holds since ever and a change of owner from today. What changes nothing is no change.
func (h history) with(manufacturerID, from, today string) (history, bool) {
	if from == "" {
		if current, _ := h.latest(); current == manufacturerID {
			return h, false
		}
		from = today
		if len(h) == 0 {
			from = sinceEver
		}
	}
	var next history
	for _, owned := range h {
		if owned.Day < from {
			next = append(next, owned)
		}
	}
	if current, _ := next.latest(); current != manufacturerID {
		next = append(next, hotstate.OwnedFrom{Day: from, ManufacturerID: manufacturerID})
	}
	return next, !slices.Equal(h, next)
}
