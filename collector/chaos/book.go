package chaos

import (
	"fmt"
	"maps"
	"sync"
)

// A move is what a member gave or was given without a ticket.
type move struct {
	member string
	points int64
}

// A book is what the clients know of all that they did.
type book struct {
	mu           sync.Mutex
	acknowledged map[string]*ticket
	unanswered   map[string]*ticket // sent, and maybe accepted
	moves        []move
	wrong        []string // answers that must not be
	resent       int      // requests sent again, for want of an answer or to try the collector
	refused      int      // redemptions and transfers of points that were not there
	held         int
	transferred  int
	kinds        map[string]int
}

func newBook() *book {
	return &book{acknowledged: make(map[string]*ticket), unanswered: make(map[string]*ticket), kinds: make(map[string]int)}
}

func (b *book) sending(t *ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unanswered[t.id] = t
}

func (b *book) acknowledge(t *ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.unanswered, t.id)
	if b.acknowledged[t.id] == nil {
		b.kinds[t.kind]++
	}
	b.acknowledged[t.id] = t
}

// capture notes that a member paid without a ticket.
func (b *book) capture(member string, points int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moves = append(b.moves, move{member, -points})
}

func (b *book) transfer(from, to string, points int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.transferred++
	b.moves = append(b.moves, move{from, -points}, move{to, points})
}

// count adds to one of the book's counters.
func (b *book) count(counter *int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*counter++
}

func (b *book) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
}

// sent is every ticket, answered or not.
func (b *book) sent() map[string]*ticket {
	sent := maps.Clone(b.acknowledged)
	maps.Copy(sent, b.unanswered)
	return sent
}
