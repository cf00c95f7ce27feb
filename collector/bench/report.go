package bench

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"
)

const retailer = "main" // that of a store registered without one

// A Report is what was measured.
type Report struct {
	Ratio              float64    `json:"ratio"` // Files over Single
	Acceptance         Acceptance `json:"acceptance"`
	Files              Throughput `json:"files"`
	Single             Throughput `json:"oneTicketATransaction"`
	Lag                Lag        `json:"acceptedToRecorded"`
	CollectorPeakBytes int64      `json:"collectorPeakBytes"`
	Processors         int        `json:"processors"`
	GoVersion          string     `json:"goVersion"`
	At                 time.Time  `json:"at"`
}

// Acceptance is what tills see.
type Acceptance struct {
	Rate         int       `json:"ticketsPerSecond"`
	Tickets      int       `json:"tickets"`
	Failed       int       `json:"failed"`
	FirstFailure string    `json:"failure,omitempty"`
	Answers      Quantiles `json:"answers"`
}

// Throughput is tickets on the ledger, on both peers and in the view, over the time it took.
type Throughput struct {
	Tickets           int     `json:"tickets"`
	Seconds           float64 `json:"seconds"`
	PerSecond         float64 `json:"ticketsPerSecond"`
	AcceptedPerSecond float64 `json:"acceptedPerSecond,omitempty"`

	// TicketsBefore stood on the ledger already: what a ticket costs the peers grows with them.
	TicketsBefore int `json:"ticketsBefore,omitempty"`
	// Processors is the time a ticket took of them, by program, in microseconds.
	Processors map[string]float64 `json:"processorMicrosecondsATicket,omitempty"`
}

// Lag is from acceptance to record.
type Lag struct {
	Rate     float64   `json:"ticketsPerSecond"`
	Tickets  int       `json:"tickets"`
	Recorded Quantiles `json:"recorded"`
}

// Quantiles are in milliseconds.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func newReport() *Report {
	return &Report{Processors: runtime.NumCPU(), GoVersion: runtime.Version(), At: time.Now().UTC()}
}

// dearest orders programs by what a ticket takes of them.
func (t Throughput) dearest(a, b string) int {
	return cmp.Or(cmp.Compare(t.Processors[b], t.Processors[a]), cmp.Compare(a, b))
}

func throughput(tickets int, took time.Duration) Throughput {
	return Throughput{Tickets: tickets, Seconds: took.Seconds(), PerSecond: float64(tickets) / took.Seconds()}
}

func quantiles(took []time.Duration) Quantiles {
	if len(took) == 0 {
		return Quantiles{}
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	return Quantiles{P50: at(.50), P99: at(.99), Max: at(1)}
}

func randomSeed() []byte {
	seed := make([]byte, 32)
	rand.Read(seed)
	return seed
}

// Print writes the performance table.
func (r *Report) Print(w io.Writer) {
	row := func(what, measured, aim string) { fmt.Fprintf(w, "%-62s %14s   %s\n", what, measured, aim) }
	row("", "measured", "aim")
	row(fmt.Sprintf("single tickets at %d/s while recording runs, answer p50", r.Acceptance.Rate), fmt.Sprintf("%.1f ms", r.Acceptance.Answers.P50), "")
	row("  p99", fmt.Sprintf("%.1f ms", r.Acceptance.Answers.P99), "≤ 20 ms")
	row("  not accepted", fmt.Sprint(r.Acceptance.Failed), "0")
	row("files into ledger, both peers and view", fmt.Sprintf("%.0f/s", r.Files.PerSecond), "")
	row("  accepted meanwhile", fmt.Sprintf("%.0f/s", r.Files.AcceptedPerSecond), "")
	row("  on the ledger before", fmt.Sprint(r.Files.TicketsBefore), "")
	for _, program := range slices.SortedFunc(maps.Keys(r.Files.Processors), r.Files.dearest) {
		row("  processor time a ticket, "+program, fmt.Sprintf("%.0f µs", r.Files.Processors[program]), "")
	}
	row("one ticket a transaction, same content", fmt.Sprintf("%.0f/s", r.Single.PerSecond), "")
	row("ratio of the two", fmt.Sprintf("%.1f", r.Ratio), "≥ 12, better 20")
	row(fmt.Sprintf("accepted to recorded at %.0f/s, p50", r.Lag.Rate), fmt.Sprintf("%.0f ms", r.Lag.Recorded.P50), "")
	row("  p99", fmt.Sprintf("%.0f ms", r.Lag.Recorded.P99), "≤ 2000 ms")
	row("collector's memory at its peak", fmt.Sprintf("%.0f MB", float64(r.CollectorPeakBytes)/1e6), "< 300 MB")
}
