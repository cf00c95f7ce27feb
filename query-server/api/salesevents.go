package api

import (
	"encoding/json"

	"github.com/tillproof/tillproof/hotstate"
)

// SalesEvents writes the data of the live stream's events: sums as /v1/sales has them, by product, store and day.
type SalesEvents struct{}

type salesEvent struct {
	AsOf  hotstate.AsOf `json:"asOf"`
	Items []salesItem   `json:"items"`
}

type reloadEvent struct {
	AsOf         hotstate.AsOf `json:"asOf"`
	ChangedSince *int64        `json:"changedSince,omitempty"` // for /v1/sales; without it, everything changed
}

// Sales is the data of "sales".
func (SalesEvents) Sales(asOf hotstate.AsOf, rows []hotstate.SalesRow) ([]byte, error) {
	event := salesEvent{AsOf: asOf, Items: make([]salesItem, len(rows))}
	for i := range rows {
		event.Items[i] = salesItemOf(&rows[i], streamed)
	}
	return json.Marshal(event)
}

// Reload is the data of "reload".
func (SalesEvents) Reload(asOf hotstate.AsOf, since int64) ([]byte, error) {
	event := reloadEvent{AsOf: asOf}
	if since >= 0 {
		event.ChangedSince = &since
	}
	return json.Marshal(event)
}

// streamed is how the stream groups.
var streamed = hotstate.SalesQuery{ByProduct: true, ByStore: true, Period: hotstate.ByDay}
