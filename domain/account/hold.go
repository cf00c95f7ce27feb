package account

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tillproof/tillproof/domain/points"
)

// State says what became of a hold.
type State uint8

// The states of a hold. All but the first are final, except that a ticket may yet capture what was released or lapsed.
const (
	Held State = 1 + iota
	Captured
	Released
	Lapsed // released because its time was over
)

func (s State) String() string {
	switch s {
	case Held:
		return "held"
	case Captured:
		return "captured"
	case Released:
		return "released"
	case Lapsed:
		return "lapsed"
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// A Hold keeps points aside for a purchase.
type Hold struct {
	State     State
	Account   [16]byte
	Points    int64
	Captured  int64 // paid with
	Claimed   int64 // of the captured, what tickets have named
	GivenBack int64 // of the captured, what returns have given back
	ExpiresAt int64 // seconds since 1970
	Parts     []Part
	Digest    [32]byte // of the request
}

// NewHold takes points out of a head and keeps them aside. The id must be new.
func (h *Head) NewHold(id [16]byte, hold Hold) (Hold, error) {
	if len(h.Holds) >= MaxHolds {
		return hold, ErrTooManyHolds
	}
	parts, err := h.Spend(hold.Points)
	if err != nil {
		return hold, err
	}
	hold.State, hold.Parts = Held, parts
	h.Holds = append(h.Holds, OpenHold{ID: id, ExpiresAt: hold.ExpiresAt, Points: hold.Points})
	return hold, nil
}

// ErrTooManyHolds says that an account has as many open holds as it may.
var ErrTooManyHolds = errors.New("too many open holds")

// Capture pays with up to so many points of an open hold; what is not used goes back to the head.
func (h *Head) Capture(id [16]byte, hold *Hold, amount int64) {
	h.close(id)
	captured := Cut(hold.Parts, 0, amount)
	for _, part := range Cut(hold.Parts, amount, hold.Points) {
		h.Credit(part)
	}
	hold.State, hold.Parts, hold.Captured = Captured, captured, Sum(captured)
}

// Release gives all points of an open hold back to the head.
func (h *Head) Release(id [16]byte, hold *Hold, state State) {
	h.close(id)
	for _, part := range hold.Parts {
		h.Credit(part)
	}
	hold.State = state
}

// Claim is a ticket that names a captured hold for so many points. It says how many the hold does not cover, which are
// captured as well: somebody must pay for what was bought.
func (hold *Hold) Claim(amount int64) (missing int64) {
	covered := min(amount, hold.Captured-hold.Claimed)
	hold.Claimed += covered
	if missing = amount - covered; missing > 0 {
		hold.captureMore(missing)
	}
	return missing
}

// captureMore adds points that the hold did not keep aside. They last as long as the last of those it did.
func (hold *Hold) captureMore(amount int64) {
	month := points.Never
	if len(hold.Parts) > 0 {
		month = hold.Parts[len(hold.Parts)-1].Month
	}
	if hold.Captured == 0 {
		hold.Parts = nil // released: they are in the head again
	}
	if last := len(hold.Parts) - 1; last >= 0 {
		hold.Parts[last].Points += amount
	} else {
		hold.Parts = []Part{{Month: month, Points: amount}}
	}
	hold.State = Captured
	hold.Captured += amount
	hold.Claimed += amount
}

// GiveBack takes up to so many points of what was paid with, in the order they were spent.
func (hold *Hold) GiveBack(amount int64) []Part {
	back := Cut(hold.Parts, hold.GivenBack, min(hold.GivenBack+amount, hold.Captured))
	hold.GivenBack += Sum(back)
	return back
}

// Cut gives the points from the one index to before the other.
func Cut(parts []Part, from, to int64) []Part {
	var cut []Part
	var at int64
	for _, part := range parts {
		begin, end := max(from, at), min(to, at+part.Points)
		if begin < end {
			cut = append(cut, Part{Month: part.Month, Points: end - begin})
		}
		at += part.Points
	}
	return cut
}

func (h *Head) close(id [16]byte) {
	h.Holds = slices.DeleteFunc(h.Holds, func(open OpenHold) bool { return open.ID == id })
}
