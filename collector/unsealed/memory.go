// Package unsealed is what stands in a sealed body, and a memory of those that this process sealed itself: a second later
// the projector finds the very same bytes on the ledger, and need not decrypt, decode and hash what it has just encoded. A
// body that differs in one bit is not remembered, and opened like any other.
package unsealed

import (
	"bytes"
	"sync"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// Contents are what a body holds, and the commitment that they come to.
type Contents struct {
	Root   [32]byte
	Fixed  [8][32]byte // the first leaves of the commitment
	Trade  sealed.Trade
	Person *sealed.Person // nil: its key was destroyed
}

// remembered is how many bodies a memory holds: what is on its way from the recorder to the view, and not more than some
// 40 MB. The oldest are forgotten first.
const remembered = 6000

// A Memory is safe for concurrent use. A nil one remembers nothing.
type Memory struct {
	mu     sync.Mutex
	bodies map[ledger.TicketKey]body
	order  [remembered]ledger.TicketKey // a ring
	next   int
}

type body struct {
	sealed   []byte
	contents Contents
	place    int // in the ring
}

// NewMemory makes an empty memory.
func NewMemory() *Memory { return &Memory{bodies: make(map[ledger.TicketKey]body)} }

// Keep remembers a body. Of two with one key the later one counts.
func (m *Memory) Keep(key ledger.TicketKey, sealed []byte, contents Contents) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if oldest := m.order[m.next]; m.bodies[oldest].place == m.next {
		delete(m.bodies, oldest)
	}
	m.bodies[key] = body{sealed, contents, m.next}
	m.order[m.next] = key
	m.next = (m.next + 1) % remembered
}

// Take gives the contents of a body that is remembered to the byte, and forgets it.
func (m *Memory) Take(key ledger.TicketKey, sealed []byte) (Contents, bool) {
	if m == nil {
		return Contents{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, there := m.bodies[key]
	delete(m.bodies, key)
	if !there || !bytes.Equal(kept.sealed, sealed) {
		return Contents{}, false
	}
	return kept.contents, true
}
