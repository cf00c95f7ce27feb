package simulate

import (
	"encoding/binary"
	"math/rand/v2"
	"sort"

	"github.com/google/uuid"
)

// The streams keep what they draw apart, so that more tickets do not make
// other stores, products or customers.
const (
	streamProducts = iota + 1
	streamStores
	streamCustomers
	streamTickets
	streamPromotions // and the week's number
)

// dice draws everything that is left to chance.
type dice struct{ *rand.Rand }

func newDice(seed, stream uint64) dice { return dice{rand.New(rand.NewPCG(seed, stream))} }

// chance is true in so many of a thousand cases.
func (d dice) chance(perMille int) bool { return d.IntN(1000) < perMille }

// between draws from both bounds and all that lies between.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// uuid makes an identifier of version 4's form.
func (d dice) uuid() string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], d.Uint64())
	binary.BigEndian.PutUint64(id[8:], d.Uint64())
	id[6] = id[6]&0x0f | 0x40 // version
	id[8] = id[8]&0x3f | 0x80 // variant
	return id.String()
}

// text draws so many characters.
func (d dice) text(alphabet string, length int) string {
	drawn := make([]byte, length)
	for i := range drawn {
		drawn[i] = alphabet[d.IntN(len(alphabet))]
	}
	return string(drawn)
}

// weights are the weights of 0, 1, 2 and so on, added up.
type weights []int

// weigh adds up weights.
func weigh(each ...int) weights {
	sums := make(weights, len(each))
	sum := 0
	for i, weight := range each {
		sum += weight
		sums[i] = sum
	}
	return sums
}

func (w weights) total() int { return w[len(w)-1] }

// pick draws one by weight.
func (d dice) pick(w weights) int {
	return sort.SearchInts(w, d.IntN(w.total())+1)
}
