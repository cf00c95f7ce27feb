package unsealed

import (
	"fmt"
	"testing"
)

func contents(n int) (c Contents) {
	c.Root[0] = byte(n)
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

	for n := range remembered {
		keep(fmt.Sprint("lot ", n))
	}
	if m.held != remembered || len(m.lots) != remembered/2 {
		t.Errorf("%d bodies of %d lots are remembered, want %d", m.held, len(m.lots), remembered)
	}
	want(fmt.Sprint("lot ", remembered/2-1), 0, "p0", false)
	want(fmt.Sprint("lot ", remembered/2), 0, "p0", true)
	want(fmt.Sprint("lot ", remembered-1), 1, "p1", true)

	var none *Memory
	none.Keep([]byte("lot"), [][]byte{{}}, []Contents{contents(0)})
	if _, found := none.Take([]byte("lot")).At(0, []byte{}); found {
		t.Error("no memory remembers")
	}
}
