package chaos

import (
	"fmt"
	"sync"

	"github.com/google/uuid"
)

// A sale is a ticket as the client that made it knows it.
type sale struct {
	id     string
	member string // empty: none
	points int64  // by the client's own reckoning
	body   []byte
}

// newSale makes a ticket of one line. One in three belongs to nobody.
func newSale(store, day, time string, till int, number int64) sale {
	s := sale{id: uuid.NewString()}
	amount := 137 + number*53%9000
	member := ""
	if number%3 != 0 {
		s.member = fmt.Sprintf("%s-member-%d", store, number%23)
		s.points = amount / 100 // 100 basis points, rounded down
		member = fmt.Sprintf(`"loyaltyId":%q,`, s.member)
	}
	s.body = fmt.Appendf(nil, `{"schemaVersion":"1","transactionId":%q,"transactionType":"Sale","storeId":%q,"workstationId":"%d",`+
		`"sequenceNumber":%d,"businessDayDate":%q,"endDateTime":%q,"currencyCode":"EUR",%s`+
		`"lineItems":[{"sequenceNumber":1,"itemId":"chaos","quantity":"1","extendedAmount":%d}],"totals":{"grand":%d}}`,
		s.id, store, till, number, day, time, member, amount, amount)
	return s
}

// A book is what the clients know of all that they sent.
type book struct {
	mu           sync.Mutex
	acknowledged map[string]sale
	unanswered   map[string]sale // sent, and maybe accepted
	wrong        []string        // answers that must not be
	resent       int             // requests sent again, for want of an answer or to try the collector
}

func newBook() *book {
	return &book{acknowledged: make(map[string]sale), unanswered: make(map[string]sale)}
}

func (b *book) sending(s sale) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unanswered[s.id] = s
}

func (b *book) acknowledge(s sale) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.unanswered, s.id)
	b.acknowledged[s.id] = s
}

func (b *book) again() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resent++
}

func (b *book) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
}
