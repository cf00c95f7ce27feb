package simulate

import "fmt"

// favourites is how many products a member keeps coming back to, at most.
const favourites = 24

// customer is a member of the loyalty programme.
type customer struct {
	loyaltyID  string
	favourites []uint16 // indices of products
}

// membership is the members and where they shop.
type membership struct {
	customers []customer
	regulars  [][]int   // by store: customers whose own store it is
	visits    []weights // by store: how often each of them comes
}

func newMembership(seed uint64, count int, stores []store, goods *catalogue) *membership {
	dice := newDice(seed, streamCustomers)
	members := &membership{
		customers: make([]customer, count),
		regulars:  make([][]int, len(stores)),
		visits:    make([]weights, len(stores)),
	}
	sizes := storeSizes(stores)
	frequencies := make([][]int, len(stores))
	for i := range members.customers {
		made := customer{
			loyaltyID:  fmt.Sprintf("M%07d", 1000000+13*i),
			favourites: make([]uint16, dice.between(favourites/2, favourites)),
		}
		for j := range made.favourites {
			made.favourites[j] = uint16(dice.pick(goods.popularity))
		}
		members.customers[i] = made
		home := dice.pick(sizes)
		members.regulars[home] = append(members.regulars[home], i)
		// Some come daily, most once a week or less.
		frequencies[home] = append(frequencies[home], 10+1000/dice.between(5, 100))
	}
	for home, each := range frequencies {
		members.visits[home] = weigh(each...)
	}
	return members
}

func storeSizes(stores []store) weights {
	sizes := make([]int, len(stores))
	for i := range stores {
		sizes[i] = stores[i].size
	}
	return weigh(sizes...)
}

// atTill draws who stands at a store's till: three in five are members, and of
// these most are in their own store. It is nil for a customer without a card.
func (m *membership) atTill(dice dice, store int) *customer {
	if len(m.customers) == 0 || !dice.chance(600) {
		return nil
	}
	if len(m.regulars[store]) == 0 || dice.chance(60) {
		return &m.customers[dice.IntN(len(m.customers))]
	}
	return &m.customers[m.regulars[store][dice.pick(m.visits[store])]]
}
