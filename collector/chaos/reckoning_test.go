package chaos

import (
	"maps"
	"testing"
)

// The cases are those of the points rules in words; the amounts are chosen so that rounding shows.
func TestReckon(t *testing.T) {
	t.Parallel()
	r := &register{store: "s", till: "1", day: "2026-03-02", time: "2026-03-02T10:00:00Z"}
	sale := r.sale("ann", 550, payment{})
	back, more := r.takeBack(sale, 151), r.takeBack(sale, 700)
	paid := r.sale("ann", 1000, payment{"hold", "bob", 7})
	for name, c := range map[string]struct {
		tickets []*ticket
		moves   []move
		want    map[string]int64
	}{
		"a sale rounds down":                        {[]*ticket{sale}, nil, map[string]int64{"ann": 5}},
		"a return takes what its part had earned":   {[]*ticket{sale, back}, nil, map[string]int64{"ann": 3}},
		"more than was sold takes no more than all": {[]*ticket{sale, back, more}, nil, map[string]int64{"ann": 0}},
		"a voided return takes nothing":             {[]*ticket{sale, back, r.void(back)}, nil, map[string]int64{"ann": 5}},
		"voided excess leaves the first return":     {[]*ticket{sale, back, more, r.void(more)}, nil, map[string]int64{"ann": 3}},
		"a voided sale earns nothing":               {[]*ticket{sale, r.void(sale)}, nil, map[string]int64{"ann": 0}},
		"also with a return":                        {[]*ticket{sale, back, r.void(sale)}, nil, map[string]int64{"ann": 0}},
		"a return without its sale debits":          {[]*ticket{r.takeBackUnlinked("ann", 550)}, nil, map[string]int64{"ann": -5}},
		"what was paid is gone":                     {[]*ticket{paid}, nil, map[string]int64{"ann": 10, "bob": -7}},
		"and comes back with a void":                {[]*ticket{paid, r.void(paid)}, nil, map[string]int64{"ann": 0, "bob": 0}},
		"a transfer and a capture":                  {nil, []move{{"ann", -3}, {"bob", 3}, {"bob", -1}}, map[string]int64{"ann": -3, "bob": 2}},
		"nobody's sale earns nothing":               {[]*ticket{r.sale("", 550, payment{})}, nil, map[string]int64{}},
	} {
		sent := make(map[string]*ticket)
		for _, k := range c.tickets {
			sent[k.id] = k
		}
		if got := reckon(sent, c.moves); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
