package simulate

import (
	"strconv"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// chain is the whole retail chain at work.
type chain struct {
	seed       uint64
	dice       dice
	countries  [2]country
	goods      *catalogue
	stores     []store
	sizes      weights // of the stores
	members    *membership
	promotions promotions
	tills      [][]till     // by store
	receipts   [][]*receipt // by store: some of the last, for returns
}

// till is what a till knows: the next number, and what it did last.
type till struct {
	sequence int64
	lastEnd  time.Time
	last     *receipt // the last plain sale; nil if there is none to void
}

// lastSequence is where a till's counter starts again at one.
const lastSequence = 999_999

func newChain(options Options, days int) (*chain, error) {
	countries, err := newCountries()
	if err != nil {
		return nil, err
	}
	goods, err := newCatalogue(options.Seed)
	if err != nil {
		return nil, err
	}
	stores := newStores(options.Seed, options.Stores, options.Tickets/days)
	c := &chain{
		seed:      options.Seed,
		dice:      newDice(options.Seed, streamTickets),
		countries: countries,
		goods:     goods,
		stores:    stores,
		sizes:     storeSizes(stores),
		members:   newMembership(options.Seed, options.Customers, stores, goods),
		tills:     make([][]till, len(stores)),
		receipts:  make([][]*receipt, len(stores)),
	}
	for i := range stores {
		c.tills[i] = make([]till, len(stores[i].tills))
		for j := range c.tills[i] {
			c.tills[i][j].sequence = int64(c.dice.between(1, 90_000))
		}
	}
	return c, nil
}

// trade makes a day's tickets and hands each to take, in order of time.
func (c *chain) trade(date time.Time, tickets int, take func(*ticket.Ticket) error) error {
	if !c.promotions.hold(date) {
		c.promotions = promotionsOf(c.seed, date, c.goods)
	}
	for _, slot := range c.planDay(date, tickets) {
		if err := take(c.ring(date, slot)); err != nil {
			return err
		}
	}
	return nil
}

// The kinds of ticket, and how many of a thousand are of each.
const (
	kindSale = iota
	kindSaleWithBottles
	kindSaleWithReturn
	kindReturn
	kindReturnUnlinked
	kindVoid
	kindNoSale
	kindCancelled
	kindTraining
)

var kinds = weigh(935, 35, 4, 11, 2, 2, 7, 3, 1)

// ring makes the ticket of a slot. What is not possible at that moment, a
// return before anything was sold, becomes a sale.
func (c *chain) ring(date time.Time, s slot) *ticket.Ticket {
	t, shop, till := c.head(date, s), &c.stores[s.store], &c.tills[s.store][s.till]
	defer func() { till.lastEnd = t.EndDateTime.Time() }()
	if s.control != "" {
		return control(t, s.control)
	}
	kind := c.dice.pick(kinds)
	switch kind {
	case kindNoSale:
		return control(t, ticket.NoSale)
	case kindCancelled:
		return control(t, ticket.Cancelled)
	case kindTraining:
		return control(t, ticket.Training)
	case kindVoid:
		if till.last.voidable(date) {
			c.void(t, till)
			return t
		}
	case kindReturn:
		if c.takeBack(t, s, shop) {
			return t
		}
	case kindReturnUnlinked:
		c.takeBackUnlinked(t, s, shop)
		return t
	}
	c.sell(t, s, shop, kind)
	till.last = c.keep(t, s.store)
	return t
}

// head fills in what every ticket has, and uses up the till's next number.
func (c *chain) head(date time.Time, s slot) *ticket.Ticket {
	shop, till := &c.stores[s.store], &c.tills[s.store][s.till]
	end := time.Unix(s.end, 0).In(c.place(shop))
	shift := 0
	if end.Hour() >= 14 || end.Hour() < opens-1 {
		shift = 1
	}
	t := &ticket.Ticket{
		TransactionID:   c.dice.uuid(),
		StoreID:         shop.id,
		WorkstationID:   strconv.Itoa(int(s.till) + 1),
		SequenceNumber:  till.sequence,
		BusinessDayDate: ticket.Date(date.Format(time.DateOnly)),
		EndDateTime:     ticket.DateTime(end.Format(time.RFC3339)),
		OperatorID:      strconv.Itoa(1000 + 50*int(s.store) + 2*int(s.till) + shift),
		CurrencyCode:    "EUR",
	}
	till.sequence = till.sequence%lastSequence + 1
	return t
}

// control makes a ticket that only uses up its number.
func control(t *ticket.Ticket, kind ticket.ControlType) *ticket.Ticket {
	t.Type, t.ControlType = ticket.Control, kind
	return t
}

// begin sets when the first line was rung up: some seconds a line before the
// end, and not before the till was done with the last customer.
func (c *chain) begin(t *ticket.Ticket, s slot) {
	end := t.EndDateTime.Time()
	begin := end.Add(-time.Duration(20+c.dice.IntN(30)+6*len(t.LineItems)) * time.Second)
	if last := c.tills[s.store][s.till].lastEnd; begin.Before(last) {
		begin = last.In(end.Location())
	}
	t.BeginDateTime = ticket.DateTime(begin.Format(time.RFC3339))
}
