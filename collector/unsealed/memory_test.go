package unsealed

import (
	"fmt"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

// contents are those of a ticket of ten lines.
func contents(n int) (c Contents) {
	c.Root[0] = byte(n)
	c.Trade.Ticket = &ticket.Ticket{LineItems: make([]ticket.LineItem, 10)}
	return c
}

func TestMemory(t *testing.T) {
	m := NewMemory()
	want := func(lot string, place int, person string, want bool) {
		t.Helper()
		remembered := m.Take([]byte(lot))
		got, found := remembered.At(place, []byte(person))
		if found != want || found && got.Root != contents(place).Root {
			t.Errorf("place %d of %q with person %q: found %v, want %v", place, lot, person, found, want)
		}
	}
	keep := func(lot string) {
		m.Keep([]byte(lot), [][]byte{[]byte("p0"), []byte("p1")}, []Contents{contents(0), contents(1)})
	}
	keep("lot")
	want("other", 0, "p0", false)
	want("lot", 1, "p1", true)
	want("lot", 1, "p1", false) // it was taken
	keep("lot")
	want("lot", 1, "p0", false)
	keep("lot")
	want("lot", 2, "p1", false)
	keep("lot")
	want("lot", 0, "", false) // its person part was emptied

	for n := range 4000 {
		keep(fmt.Sprint("lot ", n))
	}
	if len(m.lots) != 3000 {
		t.Errorf("%d lots of two tickets are remembered, want 3000", len(m.lots))
	}
	want("lot 999", 0, "p0", false)
	want("lot 1000", 0, "p0", true)
	want("lot 3999", 1, "p1", true)

	large := contents(0)
	large.Trade.Ticket.LineItems = make([]ticket.LineItem, remembered-ticketWeight)
	m.Keep([]byte("large"), [][]byte{{}}, []Contents{large})
	if len(m.lots) != 1 || m.held != remembered {
		t.Errorf("beside one large ticket %d other lots are remembered, want none", len(m.lots)-1)
	}

	m = NewMemory()
	keep("never taken")
	for n := range 10 {
		keep(fmt.Sprint("lot ", n))
		want(fmt.Sprint("lot ", n), 1, "p1", true)
	}
	if m.order.Len() != 1 || len(m.lots) != 1 {
		t.Errorf("what was taken leaves %d traces", m.order.Len()-1)
	}

	var none *Memory
	none.Keep([]byte("lot"), [][]byte{{}}, []Contents{contents(0)})
	if _, found := none.Take([]byte("lot")).At(0, []byte{}); found {
		t.Error("no memory remembers")
	}
}
