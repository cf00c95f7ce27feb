package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

type listedTicket struct {
	TransactionID   string       `json:"transactionId"`
	RetailerID      string       `json:"retailerId"`
	TransactionType *string      `json:"transactionType,omitempty"`
	StoreID         string       `json:"storeId"`
	WorkstationID   string       `json:"workstationId"`
	SequenceNumber  int64        `json:"sequenceNumber"`
	BusinessDay     string       `json:"businessDayDate"`
	EndDateTime     *string      `json:"endDateTime,omitempty"`
	CurrencyCode    *string      `json:"currencyCode,omitempty"`
	GrandTotal      *int64       `json:"grandTotal,omitempty"`
	Status          string       `json:"status"`
	Points          ticketPoints `json:"points"`
	Reason          *string      `json:"reason,omitempty"`
	RecordedAt      *time.Time   `json:"recordedAt,omitempty"`
}

// ticketPoints are what a ticket earned, or is to earn once it is on the ledger.
type ticketPoints struct {
	Earned  *int64 `json:"earned,omitempty"`
	Pending *int64 `json:"pending,omitempty"`
}

func pointsOf(status string, points int64) ticketPoints {
	switch status {
	case hotstate.StatusRecorded:
		return ticketPoints{Earned: &points}
	case hotstate.StatusAccepted:
		return ticketPoints{Pending: &points}
	}
	return ticketPoints{}
}

func (s *server) tickets(w http.ResponseWriter, r *http.Request) {
	p := readParameters(r, "from", "to", "storeId", "workstationId", "status", "limit", "cursor")
	query := hotstate.TicketQuery{
		StoreID: p.id("storeId"), WorkstationID: p.id("workstationId"),
		Status: p.oneOf("status", hotstate.StatusAccepted, hotstate.StatusRecorded, hotstate.StatusRejected),
	}
	query.From, query.To = p.days()
	limit := p.limit()
	query.Limit = limit + 1
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	var after hotstate.TicketPosition
	if more, err := s.cursors.decode(r, &after); err != nil {
		s.fail(w, r, err)
		return
	} else if more {
		query.After = &after
	}
	var tickets []hotstate.ListedTicket
	actor := caller(r).Actor()
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		tickets, err = hotstate.ReadTickets(r.Context(), tx, actor, query)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer := page[listedTicket]{Items: []listedTicket{}}
	for i, t := range tickets {
		if i == limit {
			last := tickets[limit-1]
			answer.NextCursor, err = s.cursors.encode(r, hotstate.TicketPosition{BusinessDay: last.BusinessDay,
				SequenceNumber: last.SequenceNumber, WorkstationID: last.WorkstationID, StoreID: last.StoreID})
			break
		}
		answer.Items = append(answer.Items, listAnswer(t))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func listAnswer(t hotstate.ListedTicket) listedTicket {
	return listedTicket{
		TransactionID: t.TransactionID, RetailerID: t.RetailerID, TransactionType: t.TransactionType,
		StoreID: t.StoreID, WorkstationID: t.WorkstationID, SequenceNumber: t.SequenceNumber,
		BusinessDay: t.BusinessDay.Format(time.DateOnly), EndDateTime: t.EndDateTime,
		CurrencyCode: t.CurrencyCode, GrandTotal: t.GrandTotal,
		Status: t.Status, Points: pointsOf(t.Status, t.Points), Reason: t.Reason, RecordedAt: utc(t.RecordedAt),
	}
}

func (s *server) ticket(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	text, err := url.PathUnescape(mux.Vars(r)["id"])
	if err != nil || uuid.Validate(text) != nil || len(text) != 36 {
		notFound(w, r) // no ticket has such an id
		return
	}
	var document hotstate.TicketDocument
	var asOf hotstate.AsOf
	actor := caller(r).Actor()
	err = hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) (err error) {
		if asOf, err = hotstate.ReadAsOf(r.Context(), tx); err != nil {
			return err
		}
		document, err = hotstate.ReadTicket(r.Context(), tx, actor, text)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer, err := documentAnswer(document, asOf.Channel, actor.Role)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer.TransactionID = uuid.MustParse(text).String()
	writeJSON(w, http.StatusOK, answer)
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
