package registration

import (
	"fmt"
	"testing"
)

func TestHistoryWith(t *testing.T) {
	t.Parallel()
	const today = "2026-03-02"
	since := func(pairs ...string) (h history) {
		for i := 0; i < len(pairs); i += 2 {
			h = append(h, history{{Day: pairs[i], ManufacturerID: pairs[i+1]}}...)
		}
		return h
	}
	for name, c := range map[string]struct {
		before      history
		owner, from string
		want        history
		moved       bool
	}{
		"nobody, of nobody":              {nil, "", "", nil, false},
		"the first owner":                {nil, "A", "", since(sinceEver, "A"), true},
		"the first owner, from a day":    {nil, "A", "2025-01-01", since("2025-01-01", "A"), true},
		"the same owner":                 {since(sinceEver, "A"), "A", "", since(sinceEver, "A"), false},
		"another owner":                  {since(sinceEver, "A"), "B", "", since(sinceEver, "A", today, "B"), true},
		"another owner, twice a day":     {since(sinceEver, "A", today, "B"), "C", "", since(sinceEver, "A", today, "C"), true},
		"and back on the same day":       {since(sinceEver, "A", today, "B"), "A", "", since(sinceEver, "A"), true},
		"nobody any more":                {since(sinceEver, "A"), "", "", since(sinceEver, "A", today, ""), true},
		"nobody any more, again":         {since(sinceEver, "A", today, ""), "", "", since(sinceEver, "A", today, ""), false},
		"another after nobody":           {since(sinceEver, "A", "2025-01-01", ""), "B", "", since(sinceEver, "A", "2025-01-01", "", today, "B"), true},
		"from an earlier day":            {since(sinceEver, "A", "2025-06-01", "B"), "B", "2025-01-01", since(sinceEver, "A", "2025-01-01", "B"), true},
		"from a later day":               {since(sinceEver, "A", "2025-06-01", "B"), "B", "2025-08-01", since(sinceEver, "A", "2025-06-01", "B"), false},
		"what was to come is undone":     {since(sinceEver, "A", "2027-01-01", "B"), "C", "2026-01-01", since(sinceEver, "A", "2026-01-01", "C"), true},
		"since ever, whatever was":       {since(sinceEver, "A", "2025-06-01", "B"), "C", sinceEver, since(sinceEver, "C"), true},
		"nobody since ever":              {since(sinceEver, "A"), "", sinceEver, nil, true},
		"the owner of a day in its past": {since(sinceEver, "A"), "A", "2025-01-01", since(sinceEver, "A"), false},
	} {
		got, moved := c.before.with(c.owner, c.from, today)
		if fmt.Sprint(got) != fmt.Sprint(c.want) || moved != c.moved {
			t.Errorf("%s: %v, %v; want %v, %v", name, got, moved, c.want, c.moved)
		}
	}
}
