// Package unsealed is what stands in sealed bodies, and a memory of those that this process sealed itself: a second later
// the projector finds the very same bytes on the ledger, and need not decrypt, decode and hash what it has just encoded. A
// body that differs in one bit is not remembered, and opened like any other.
package unsealed

import (
	"bytes"
	"container/list"
	"crypto/sha256"
	"sync"

	"github.com/tillproof/tillproof/domain/sealed"
)

// Contents are what a body holds, and the commitment that they come to.
type Contents struct {
	Root   [32]byte
	Fixed  [8][32]byte // the first leaves of the commitment
	Trade  sealed.Trade
	Person *sealed.Person // nil: its key was destroyed
}

// remembered is how much a memory holds: what is on its way from the recorder to the view, 6,000 tickets of ten lines, and not
// more than some 40 MB. The oldest are forgotten first.
const remembered = 6000 * (ticketWeight + 10)

// ticketWeight is what a ticket weighs beside its lines, in lines.
const ticketWeight = 8

// A Memory is safe for concurrent use. A nil one remembers nothing.
type Memory struct {
	mu    sync.Mutex
	lots  map[[32]byte]lot // by the hash of what the bodies have in common
	order *list.List       // of their keys, the oldest first
	held  int              // by weight
}

type lot struct {
	persons  [][]byte
	contents []Contents
	weight   int
	place    *list.Element // in the order
}

// NewMemory makes an empty memory.
func NewMemory() *Memory { return &Memory{lots: make(map[[32]byte]lot), order: list.New()} }

// Keep remembers the bodies of a lot, each with its person part.
func (m *Memory) Keep(sealedLot []byte, persons [][]byte, contents []Contents) {
	if m == nil {
		return
	}
	id := sha256.Sum256(sealedLot)
	kept := lot{persons: persons, contents: contents}
	for i := range contents {
		kept.weight += ticketWeight + len(contents[i].Trade.Ticket.LineItems)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept.place = m.order.PushBack(id)
	m.lots[id] = kept
	for m.held += kept.weight; m.held > remembered; {
		m.forget(m.order.Front().Value.([32]byte))
	}
}

func (m *Memory) forget(id [32]byte) (forgotten lot) {
	forgotten, there := m.lots[id]
	if there {
		m.held -= forgotten.weight
		m.order.Remove(forgotten.place)
		delete(m.lots, id)
	}
	return forgotten
}

// Take gives what is remembered of a lot, and forgets it.
func (m *Memory) Take(sealedLot []byte) Remembered {
	if m == nil {
		return Remembered{}
	}
	id := sha256.Sum256(sealedLot)
	m.mu.Lock()
	defer m.mu.Unlock()
	return Remembered{m.forget(id)}
}

// Remembered is what is remembered of a lot.
type Remembered struct{ lot lot }

// At gives the contents of the body at a place, if it has the very person part that was sealed.
func (r Remembered) At(place int, person []byte) (Contents, bool) {
	if place >= len(r.lot.contents) || !bytes.Equal(r.lot.persons[place], person) {
		return Contents{}, false
	}
	return r.lot.contents[place], true
}
