package api

import (
	"testing"
	"time"
)

func TestLineRefs(t *testing.T) {
	t.Parallel()
	refs, err := newLineRefs([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	old, early, late := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	names := map[string]bool{}
	for _, day := range []*time.Time{nil, &old, &early, &late} {
		line := lineOfTicket{[32]byte{1, 31: 2}, 1<<53 - 1, day}
		ref := refs.seal("maker", line)
		names[ref] = true
		got, err := refs.open("maker", ref)
		if err != nil || got.ticketKey != line.ticketKey || got.number != line.number || (got.day == nil) != (day == nil) ||
			day != nil && !got.day.Equal(*day) {
			t.Errorf("%v came back as %v, %v", line, got, err)
		}
		if refs.seal("maker", line) != ref {
			t.Error("a line has two names")
		}
		if _, err := refs.open("another", ref); err == nil {
			t.Error("another manufacturer opens it")
		}
		for i := range ref {
			changed := []byte(ref)
			changed[i] ^= 1
			if _, err := refs.open("maker", string(changed)); err == nil {
				t.Errorf("opens with character %d changed", i)
			}
		}
	}
	if len(names) != 4 {
		t.Error("lines of different days have one name")
	}
}
