package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/membercode"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/hotstate"
)

// spendingRoutes are those that move points which are there already.
func (s *Server) spendingRoutes() []route {
	return []route{
		{"POST", "/v1/redemptions", tills, s.postRedemption},
		{"GET", "/v1/redemptions/{redemptionId}", tills, s.getRedemption},
		{"POST", "/v1/redemptions/{redemptionId}/capture", tills, s.captureRedemption},
		{"POST", "/v1/redemptions/{redemptionId}/release", tills, s.releaseRedemption},
		{"POST", "/v1/transfers", members, s.postTransfer},
		{"GET", "/v1/transfers/{transferId}", members, s.getTransfer},
	}
}

// redemptionRequest is what a till asks for.
type redemptionRequest struct {
	MemberCode string `json:"memberCode"`
	Points     int64  `json:"points"`
	StoreID    string `json:"storeId"`
}

// redemption is the answer. A till takes no status but held as permission to give anything for points.
type redemption struct {
	RedemptionID string `json:"redemptionId"`
	Status       string `json:"status"` // pending, held, captured, released, lapsed
	Points       int64  `json:"points"`
	Amount       int64  `json:"amount"` // a point is one minor unit
	CurrencyCode string `json:"currencyCode,omitempty"`
	ExpiresAt    string `json:"expiresAt,omitempty"`
	Captured     int64  `json:"captured,omitempty"`
}

// postRedemption has points of a member held for a purchase.
func (s *Server) postRedemption(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	by, err := spendingRequest(w, r, caller)
	if err != nil {
		return err
	}
	var asked redemptionRequest
	if p := readRow(by.Body, &asked); p != nil {
		return p
	}
	if p := checkPoints(asked.Points, "/memberCode", asked.MemberCode); p != nil {
		return p
	}
	store, err := s.ownStore(r.Context(), caller, asked.StoreID)
	if err != nil {
		return err
	}
	held, err := s.Spending.Redeemed(r.Context(), by) // asked before the code is looked at, which may have expired meanwhile
	if errors.Is(err, hotstate.ErrNotFound) {
		held, err = s.redeem(r.Context(), asked, store, by)
	}
	if err != nil {
		return spendingProblem(err)
	}
	if held.Refusal != "" {
		return refusalProblem(held.Refusal)
	}
	w.Header().Set("Location", "/v1/redemptions/"+url.PathEscape(held.ID))
	if held.State == "" {
		return writeJSON(w, http.StatusAccepted, redemptionAnswer(held))
	}
	return writeJSON(w, http.StatusCreated, redemptionAnswer(held))
}

func (s *Server) redeem(ctx context.Context, asked redemptionRequest, store hotstate.Store, by spending.Request) (hotstate.Redemption, error) {
	member, code, err := s.memberOf(ctx, asked.MemberCode)
	if err != nil {
		return hotstate.Redemption{}, err
	}
	return s.Spending.Redeem(ctx, hotstate.Redemption{
		StoreID: asked.StoreID, LoyaltyID: member, Points: asked.Points, CurrencyCode: store.CurrencyCode,
	}, code, by)
}

func (s *Server) getRedemption(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	found, err := s.ownRedemption(r, caller)
	if err != nil {
		return err
	}
	if found.Refusal != "" {
		return refusalProblem(found.Refusal)
	}
	return writeJSON(w, http.StatusOK, redemptionAnswer(found))
}

func (s *Server) captureRedemption(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	return s.endRedemption(w, r, caller, s.Spending.Capture, account.Captured)
}

func (s *Server) releaseRedemption(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	return s.endRedemption(w, r, caller, s.Spending.Release, account.Released)
}

// endRedemption captures or releases. To do it again gets the first answer; what ended otherwise is a conflict.
func (s *Server) endRedemption(w http.ResponseWriter, r *http.Request, caller auth.Caller,
	end func(context.Context, hotstate.Redemption) (hotstate.Redemption, error), wanted account.State) error {
	found, err := s.ownRedemption(r, caller)
	if err != nil {
		return err
	}
	if found.Refusal != "" {
		return refusalProblem(found.Refusal)
	}
	ended, err := end(r.Context(), found)
	if err != nil {
		return err
	}
	switch ended.State {
	case wanted.String():
		return writeJSON(w, http.StatusOK, redemptionAnswer(ended))
	case "", account.Held.String():
		if !ended.ExpiresAt.IsZero() && s.Clock().After(ended.ExpiresAt) {
			ended.State = account.Lapsed.String()
			break
		}
		return writeJSON(w, http.StatusAccepted, redemptionAnswer(ended))
	case account.Lapsed.String():
		if wanted == account.Released { // the points went back
			return writeJSON(w, http.StatusOK, redemptionAnswer(ended))
		}
	}
	return problem.New(http.StatusConflict, "not-held", "Points not held",
		"the redemption is %s: its points are held no longer", ended.State)
}

// ownRedemption reads the redemption of the path, if it is of one of the caller's stores.
func (s *Server) ownRedemption(r *http.Request, caller auth.Caller) (hotstate.Redemption, error) {
	id, err := uuid.Parse(pathValue(r, "redemptionId"))
	if err != nil {
		return hotstate.Redemption{}, problem.NotFound("redemption")
	}
	found, err := s.Spending.Redemption(r.Context(), id.String())
	if errors.Is(err, hotstate.ErrNotFound) || err == nil && !caller.Owns(found.StoreID, found.RetailerID) {
		return found, problem.NotFound("redemption")
	}
	return found, err
}

func redemptionAnswer(r hotstate.Redemption) redemption {
	answer := redemption{
		RedemptionID: r.ID, Status: r.State, Points: r.Points, Amount: r.Points, CurrencyCode: r.CurrencyCode, Captured: r.Captured,
	}
	if answer.Status == "" {
		answer.Status = "pending"
	}
	if !r.ExpiresAt.IsZero() {
		answer.ExpiresAt = r.ExpiresAt.Format(time.RFC3339)
	}
	return answer
}

// ownStore refuses a store that is not registered or not the caller's, in the same words.
func (s *Server) ownStore(ctx context.Context, caller auth.Caller, storeID string) (hotstate.Store, error) {
	stores, err := hotstate.StoresByID(ctx, s.Pool, []string{storeID})
	if err != nil {
		return hotstate.Store{}, err
	}
	if store, registered := stores[storeID]; registered && caller.Owns(storeID, store.RetailerID) {
		return store, nil
	}
	return hotstate.Store{}, problem.Invalid(problem.Field{
		Pointer: "/storeId", Rule: "unknown-store", Detail: "you have no store with this id"})
}

// memberOf tells whom a member code names; code is "" if it was the bare loyalty id, which the programme must allow.
func (s *Server) memberOf(ctx context.Context, text string) (loyaltyID, code string, err error) {
	loyaltyID, err = membercode.Open(s.MemberCodes, text, s.Clock())
	switch {
	case err == nil:
		return loyaltyID, text, nil
	case errors.Is(err, membercode.ErrExpired):
		return "", "", codeProblem("code-expired", "has expired; the member's app shows a new one")
	}
	rule, err := s.Programme.Today(ctx, s.Clock().UTC().Format(time.DateOnly))
	if err != nil {
		return "", "", err
	}
	if !rule.BareLoyaltyID {
		return "", "", codeProblem("code", "is no member code; the member's app shows one")
	}
	return text, "", nil
}

func codeProblem(rule, detail string) *problem.Problem {
	return problem.Invalid(problem.Field{Pointer: "/memberCode", Rule: rule, Detail: detail})
}

// checkPoints says what is wrong with a number of points and the id that comes with it.
func checkPoints(wanted int64, pointer, id string) *problem.Problem {
	var fields []problem.Field
	if wanted <= 0 || wanted > points.MaxEligible {
		fields = append(fields, problem.Field{Pointer: "/points", Rule: "minimum", Detail: "is not a number of points, 1 or more"})
	}
	if id == "" {
		fields = append(fields, problem.Field{Pointer: pointer, Rule: "required", Detail: "is missing or empty"})
	} else if !isText(id) {
		fields = append(fields, problem.Field{Pointer: pointer, Rule: "pattern", Detail: "is not a text"})
	}
	if len(fields) == 0 {
		return nil
	}
	return problem.Invalid(fields...)
}

// spendingRequest reads what every spending has: an idempotency key and a body.
func spendingRequest(w http.ResponseWriter, r *http.Request, caller auth.Caller) (spending.Request, error) {
	key, err := idempotencyKey(r, caller)
	if err != nil {
		return spending.Request{}, err
	}
	body, err := readBody(w, r, maxRow)
	return spending.Request{Caller: caller.ID, Key: key.Key, Body: body}, err
}

func refusalProblem(refusal string) *problem.Problem {
	if refusal == spending.TooManyHolds {
		return problem.New(http.StatusConflict, "too-many-holds", "Too many holds",
			"the member's points are held for too many purchases at once; release or capture one of them")
	}
	return insufficientPoints()
}

// insufficientPoints is also the answer for a member nobody knows.
func insufficientPoints() *problem.Problem {
	return problem.New(http.StatusConflict, "insufficient-points", "Insufficient points", "the member has not got these points")
}

func spendingProblem(err error) error {
	switch {
	case errors.Is(err, spending.ErrUnknown):
		return insufficientPoints()
	case errors.Is(err, spending.ErrCodeUsed):
		return codeProblem("code-used", "was used for another redemption; the member's app shows a new one")
	case errors.Is(err, spending.ErrKeyReused):
		return problem.New(http.StatusUnprocessableEntity, "idempotency-key-reused", "Idempotency-Key used before",
			"this Idempotency-Key was used for another body; use a new one for a new request")
	}
	return err
}
