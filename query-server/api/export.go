package api

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	exportFlushItems   = 200
	exportWriteTimeout = time.Minute // for each such part
)

// export gives a customer all that is held about them, as one JSON object:
//
//	{"exportedAt":…,"asOf":…,"customer":{…},"points":{…},"entries":[…],"tickets":[…]}
//
// It is written as it is read, in constant memory and from one snapshot. As with CSV, an error after the first byte cuts
// the connection.
func (s *server) export(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	out := &objectWriter{w: w, connection: http.NewResponseController(w)}
	actor := caller(r).Actor()
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) error {
		customer, err := hotstate.ReadCustomerRecord(r.Context(), tx, actor)
		if err != nil {
			return err
		}
		points, asOf, err := hotstate.ReadPoints(r.Context(), tx, actor)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="tillproof-export.json"`)
		w.Header().Set("Cache-Control", "private, no-cache")
		out.field("exportedAt", s.Issuer.Now().UTC())
		out.field("asOf", asOf)
		out.field("customer", customer)
		out.field("points", exportedPoints{points.Available, points.Pending, points.Held})
		if err := s.exportEntries(r, tx, actor, asOf.Channel, out); err != nil {
			return err
		}
		return s.exportTickets(r, tx, actor, asOf.Channel, out)
	})
	if err == nil {
		err = out.end()
	}
	if err != nil && out.begun {
		s.Log.WarnContext(r.Context(), "export cut short", "requestId", requestID(r), "error", err)
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		w.Header().Del("Content-Disposition")
		s.fail(w, r, err)
	}
}

type exportedPoints struct {
	Available int64 `json:"available"`
	Pending   int64 `json:"pending"`
	Held      int64 `json:"held"`
}

func (s *server) exportEntries(r *http.Request, tx pgx.Tx, actor hotstate.Actor, channel string, out *objectWriter) error {
	out.beginList("entries")
	var after *hotstate.EntryPosition
	for {
		entries, err := hotstate.ReadPointsEntries(r.Context(), tx, actor, after, maxLimit)
		if err != nil {
			return err
		}
		for _, e := range entries {
			out.item(entryAnswer(e, channel))
			after = &hotstate.EntryPosition{Block: e.Block, TxIndex: e.TxIndex, BusinessDay: e.BusinessDay, EntryID: e.ID}
		}
		if len(entries) < maxLimit || out.err != nil {
			out.endList()
			return out.err
		}
	}
}

func (s *server) exportTickets(r *http.Request, tx pgx.Tx, actor hotstate.Actor, channel string, out *objectWriter) error {
	out.beginList("tickets")
	err := hotstate.ReadOwnTickets(r.Context(), tx, actor, func(id string, d hotstate.TicketDocument) error {
		answer, err := documentAnswer(d, channel, actor.Role)
		if err != nil {
			return err
		}
		answer.TransactionID = id
		out.item(answer)
		return out.err
	})
	out.endList()
	return err
}

// An objectWriter writes a JSON object field by field. The first error stays, and nothing is written after it.
type objectWriter struct {
	w          io.Writer
	connection *http.ResponseController
	begun      bool
	fields     int
	items      int // of the list that is open
	sinceFlush int
	err        error
}

// write writes text, and behind it a value if there is one.
func (o *objectWriter) write(text string, value any) {
	if o.err != nil {
		return
	}
	if !o.begun {
		o.begun = true
		o.extend()
	}
	var body []byte
	if value != nil {
		if body, o.err = marshal(value); o.err != nil {
			return
		}
	}
	if _, err := fmt.Fprint(o.w, text, string(body)); err != nil {
		o.err = fmt.Errorf("write an export: %w", err)
	}
}

func (o *objectWriter) separator(written int, open string) string {
	if written == 0 {
		return open
	}
	return ","
}

func (o *objectWriter) field(name string, value any) {
	o.write(o.separator(o.fields, "{")+`"`+name+`":`, value)
	o.fields++
}

func (o *objectWriter) beginList(name string) {
	o.write(o.separator(o.fields, "{")+`"`+name+`":[`, nil)
	o.fields, o.items = o.fields+1, 0
}

func (o *objectWriter) item(value any) {
	o.write(o.separator(o.items, ""), value)
	o.items++
	if o.sinceFlush++; o.sinceFlush == exportFlushItems && o.err == nil {
		o.sinceFlush = 0
		o.extend()
	}
}

func (o *objectWriter) endList() { o.write("]", nil) }

func (o *objectWriter) end() error {
	o.write("}\n", nil)
	return o.err
}

// extend gives the client a while for what comes next: who reads on may take as long as it likes.
func (o *objectWriter) extend() {
	if err := o.connection.SetWriteDeadline(time.Now().Add(exportWriteTimeout)); err != nil {
		o.err = fmt.Errorf("write an export: %w", err)
	}
}
