package api

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/erasure"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

func (s *Server) erasureRoutes() []route {
	return []route{
		{"DELETE", "/v1/customers/{loyaltyId}", senior, s.deleteCustomer},
		{"GET", "/v1/erasures", senior, s.listErasures},
		{"GET", "/v1/erasures/{erasureId}", senior, s.getErasure},
	}
}

// erasureAnswer says how far an erasure is. It does not say whose it is.
type erasureAnswer struct {
	ErasureID   string     `json:"erasureId"`
	Status      string     `json:"status"`         // running, done
	Step        string     `json:"step,omitempty"` // what it is at, waits for, or failed at
	Tickets     int64      `json:"tickets"`
	Emptied     int64      `json:"emptied"` // of these: on the ledger without their person part
	Attempts    int        `json:"attempts"`
	RequestedAt time.Time  `json:"requestedAt"`
	FinishedAt  *time.Time `json:"finishedAt,omitempty"`
}

func answerErasure(e hotstate.Erasure) erasureAnswer {
	answer := erasureAnswer{
		ErasureID: e.ID, Status: hotstate.ErasureRunning, Step: e.Step, Tickets: e.Tickets, Emptied: e.Emptied, Attempts: e.Attempts,
		RequestedAt: e.RequestedAt.UTC(),
	}
	if e.State == hotstate.ErasureDone {
		finished := e.FinishedAt.UTC()
		answer.Status, answer.FinishedAt = hotstate.ErasureDone, &finished
	}
	return answer
}

// deleteCustomer has a member forgotten. It takes a while; the answer says where to look.
func (s *Server) deleteCustomer(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	asked, err := s.Erasures.Request(r.Context(), pathValue(r, "loyaltyId"))
	if errors.Is(err, erasure.ErrUnknown) {
		return problem.NotFound("customer")
	}
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/erasures/"+url.PathEscape(asked.ID))
	return writeJSON(w, http.StatusAccepted, answerErasure(asked))
}

func (s *Server) getErasure(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	id, err := uuid.Parse(pathValue(r, "erasureId"))
	if err != nil {
		return problem.NotFound("erasure")
	}
	found, err := hotstate.ErasureByID(r.Context(), s.Pool, id.String())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answerErasure(found))
}

func (s *Server) listErasures(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	list := func(r *http.Request, page hotstate.Page) ([]erasureAnswer, error) {
		found, err := hotstate.ListErasures(r.Context(), s.Pool, page)
		answers := make([]erasureAnswer, len(found))
		for i := range found {
			answers[i] = answerErasure(found[i])
		}
		return answers, err
	}
	return writePage(w, r, list, func(e erasureAnswer) []string { return []string{e.ErasureID} })
}
