package api

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/hotstate"
)

type transferRequest struct {
	ToLoyaltyID string `json:"toLoyaltyId"`
	Points      int64  `json:"points"`
}

type transfer struct {
	TransferID  string `json:"transferId"`
	Status      string `json:"status"` // pending, transferred
	ToLoyaltyID string `json:"toLoyaltyId,omitempty"`
	Points      int64  `json:"points"`
}

// postTransfer gives points of the caller's own to another member.
func (s *Server) postTransfer(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	by, err := spendingRequest(w, r, caller)
	if err != nil {
		return err
	}
	var asked transferRequest
	if p := readRow(by.Body, &asked); p != nil {
		return p
	}
	if p := checkPoints(asked.Points, "/toLoyaltyId", asked.ToLoyaltyID); p != nil {
		return p
	}
	if asked.ToLoyaltyID == caller.LoyaltyID {
		return recipientProblem("self", "is your own")
	}
	done, err := s.Spending.Transfer(r.Context(),
		hotstate.Transfer{From: caller.LoyaltyID, To: asked.ToLoyaltyID, Points: asked.Points}, by)
	if errors.Is(err, spending.ErrUnknown) { // the giver must be able to see a slip of the finger
		return recipientProblem("unknown-member", "is no member's id")
	}
	if err != nil {
		return spendingProblem(err)
	}
	if done.Refusal != "" {
		return refusalProblem(done.Refusal)
	}
	w.Header().Set("Location", "/v1/transfers/"+url.PathEscape(done.ID))
	if !done.Done {
		return writeJSON(w, http.StatusAccepted, transferAnswer(done))
	}
	return writeJSON(w, http.StatusCreated, transferAnswer(done))
}

// getTransfer shows a transfer to who gave.
func (s *Server) getTransfer(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	id, err := uuid.Parse(pathValue(r, "transferId"))
	if err != nil {
		return problem.NotFound("transfer")
	}
	found, err := hotstate.TransferByID(r.Context(), s.Pool, id.String())
	if errors.Is(err, hotstate.ErrNotFound) || err == nil && found.From != caller.LoyaltyID {
		return problem.NotFound("transfer")
	}
	if err != nil {
		return err
	}
	if found.Refusal != "" {
		return refusalProblem(found.Refusal)
	}
	return writeJSON(w, http.StatusOK, transferAnswer(found))
}

func transferAnswer(t hotstate.Transfer) transfer {
	answer := transfer{TransferID: t.ID, Status: "pending", ToLoyaltyID: t.To, Points: t.Points}
	if t.Done {
		answer.Status = "transferred"
	}
	return answer
}

func recipientProblem(rule, detail string) *problem.Problem {
	return problem.Invalid(problem.Field{Pointer: "/toLoyaltyId", Rule: rule, Detail: detail})
}
