package api

import (
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// A salesLine is what a manufacturer sees of one line: what was sold where, on which day, and for how much.
type salesLine struct {
	LineRef      string  `json:"lineRef"`
	RetailerID   string  `json:"retailerId"`
	ItemID       string  `json:"itemId"`
	GTIN         *string `json:"gtin,omitempty"`
	StoreID      string  `json:"storeId"`
	BusinessDay  string  `json:"businessDayDate"`
	CurrencyCode string  `json:"currencyCode"`
	Quantity     string  `json:"quantity"`
	Amount       int64   `json:"amount"`
}

func (s *server) salesLines(w http.ResponseWriter, r *http.Request) {
	p := readParameters(r, "from", "to", "itemId", "storeId", "limit", "cursor")
	query := hotstate.SalesLineQuery{ItemID: p.id("itemId"), StoreID: p.id("storeId")}
	query.From, query.To = p.days()
	limit := p.limit()
	query.Limit = limit + 1
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	actor := caller(r).Actor()
	var after string // a line's own name: a position must not tell its ticket key
	if more, err := s.cursors.decode(r, &after); err != nil {
		s.fail(w, r, err)
		return
	} else if more {
		position, err := s.linePosition(actor, after)
		if err != nil {
			s.fail(w, r, badParameter("cursor", "cursor", "it is not a cursor of this list; start again without it"))
			return
		}
		query.After = position
	}
	var lines []hotstate.SalesLine
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		lines, err = hotstate.ReadSalesLines(r.Context(), tx, actor, query)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer := page[salesLine]{Items: []salesLine{}}
	for i, line := range lines {
		if i == limit {
			last := lines[limit-1]
			answer.NextCursor, err = s.cursors.encode(r, last.BusinessDay.Format(time.DateOnly)+s.lineRef(actor, last))
			break
		}
		answer.Items = append(answer.Items, salesLine{
			LineRef: s.lineRef(actor, line), RetailerID: line.RetailerID, ItemID: line.ItemID, GTIN: line.GTIN, StoreID: line.StoreID,
			BusinessDay: line.BusinessDay.Format(time.DateOnly), CurrencyCode: line.CurrencyCode,
			Quantity: line.Quantity, Amount: line.Amount,
		})
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (s *server) lineRef(actor hotstate.Actor, line hotstate.SalesLine) string {
	return s.lineRefs.seal(actor.ManufacturerID, lineOfTicket{[32]byte(line.TicketKey), line.Number, &line.BusinessDay})
}

// linePosition reads a day and, behind it, a line's name.
func (s *server) linePosition(actor hotstate.Actor, text string) (*hotstate.SalesLinePosition, error) {
	length := min(len(text), len(time.DateOnly))
	day, err := time.Parse(time.DateOnly, text[:length])
	if err != nil {
		return nil, err
	}
	line, err := s.lineRefs.open(actor.ManufacturerID, text[length:])
	if err != nil {
		return nil, err
	}
	return &hotstate.SalesLinePosition{BusinessDay: day, TicketKey: line.ticketKey[:], Number: line.number}, nil
}
