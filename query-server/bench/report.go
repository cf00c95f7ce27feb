package bench

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// A Report is what was measured.
type Report struct {
	Sizes      []Size    `json:"sizes"`
	Live       *Live     `json:"live,omitempty"`
	Processors int       `json:"processors"`
	GoVersion  string    `json:"goVersion"`
	At         time.Time `json:"at"`
}

// A Size is all figures on one database.
type Size struct {
	Lines       int     `json:"lines"`
	LoadSeconds float64 `json:"loadSeconds"` // next to nothing where it was there
	Year        Sales   `json:"yearByStoreAndMonth"`
	Month       Sales   `json:"monthByProductStoreAndDay"`
	Points      Points  `json:"points"`
	Tickets     Tickets `json:"tickets"`
}

func newReport() *Report {
	return &Report{Processors: runtime.NumCPU(), GoVersion: runtime.Version(), At: time.Now().UTC()}
}

// Print writes the table: a column a size.
func (r *Report) Print(w io.Writer) {
	cell := func(what string, aim string, measured func(Size) string) {
		fmt.Fprintf(w, "%-54s", what)
		for _, size := range r.Sizes {
			fmt.Fprintf(w, "%20s", measured(size))
		}
		fmt.Fprintf(w, "   %s\n", aim)
	}
	cell("lines; p50 / p99 in ms", "aim for p99", func(s Size) string { return fmt.Sprint(s.Lines) })
	for _, question := range []struct {
		what string
		of   func(Size) Sales
	}{
		{"a year by store and month", func(s Size) Sales { return s.Year }},
		{"a month by product, store and day", func(s Size) Sales { return s.Month }},
	} {
		cell(question.what+", a page", "≤ 50", func(s Size) string { return both(question.of(s).Page) })
		cell("  all of it, as CSV", "≤ 50", func(s Size) string { return both(question.of(s).Whole) })
		cell("  rows of it", "", func(s Size) string { return fmt.Sprint(question.of(s).Rows) })
		cell("  the same from the lines", "", func(s Size) string { return both(question.of(s).Lines) })
		cell("  lines over all of it; over a page", "", func(s Size) string {
			return fmt.Sprintf("%.1f; %.0f", question.of(s).Ratio, question.of(s).PageRatio)
		})
	}
	cell(fmt.Sprintf("points at %d/s", pointsRate), "≤ 5", func(s Size) string { return both(s.Points.Answers) })
	cell("a page of tickets: a customer's", "≤ 10", func(s Size) string { return both(s.Tickets.Customer) })
	cell("  a store's", "≤ 10", func(s Size) string { return both(s.Tickets.Store) })
	cell("  fifty stores'", "≤ 10", func(s Size) string { return both(s.Tickets.FiftyStores) })
	cell("  a head office's", "≤ 10", func(s Size) string { return both(s.Tickets.HeadOffice) })
	if l := r.Live; l != nil {
		fmt.Fprintln(w, strings.Repeat("-", 54))
		fmt.Fprintf(w, "%d listeners for %.0f s: %d of %d news received, delay p50 %.0f ms, p99 %.0f ms (aim 1000), server at most %.0f MB\n",
			l.Listeners, l.Seconds, l.Received, l.Due, l.Delay.P50, l.Delay.P99, float64(l.ServerBytes)/1e6)
	}
}

func both(q Quantiles) string { return fmt.Sprintf("%.1f / %.1f", q.P50, q.P99) }
