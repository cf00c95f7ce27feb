package unsealed

import (
	"encoding/binary"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
)

func key(n int) (k ledger.TicketKey) {
	binary.BigEndian.PutUint64(k[:], uint64(n)+1)
	return k
}

func contents(n int) (c Contents) {
	c.Root = key(n)
	return c
}

func TestMemory(t *testing.T) {
	m := NewMemory()
	take := func(n int, sealed string, want bool) {
		t.Helper()
		got, found := m.Take(key(n), []byte(sealed))
		if found != want || found && got.Root != contents(n).Root {
			t.Errorf("body %d as %q: found %v, want %v", n, sealed, found, want)
		}
	}
	m.Keep(key(1), []byte("first"), contents(1))
	m.Keep(key(1), []byte("sealed again"), contents(1))
	m.Keep(key(2), []byte("second"), contents(2))
	take(1, "first", false) // what came to the ledger is not what was sealed last
	take(2, "second", true)
	take(2, "second", false)
	take(3, "never seen", false)

	for n := range remembered + 10 {
		m.Keep(key(n), []byte("body"), contents(n))
	}
	if len(m.bodies) != remembered {
		t.Errorf("%d bodies are remembered, want %d", len(m.bodies), remembered)
	}
	take(9, "body", false)
	take(10, "body", true)
	take(remembered+9, "body", true)

	var none *Memory
	none.Keep(key(1), []byte("body"), contents(1))
	if _, found := none.Take(key(1), []byte("body")); found {
		t.Error("no memory remembers")
	}
}
