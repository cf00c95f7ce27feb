package api

import (
	"errors"
	"net/http"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/domain/currency"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

func (s *Server) programmeRoutes() []route {
	return []route{
		{"GET", "/v1/programme", senior, s.getProgramme},
		{"PUT", "/v1/programme", senior, s.putProgramme},
	}
}

// getProgramme shows the rules in force and the proposed one.
func (s *Server) getProgramme(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	rules, err := s.Programme.Read(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rules)
}

// putProgramme proposes a rule. It holds once the other organisation has agreed.
func (s *Server) putProgramme(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	body, err := readBody(w, r, maxRow)
	if err != nil {
		return err
	}
	var rule ledger.Rule
	if p := readRow(body, &rule); p != nil {
		return p
	}
	rule.Version = 0 // the ledger's to give
	if err := points.Rule(rule).Check(); err != nil {
		return problem.New(http.StatusUnprocessableEntity, "invalid", "Invalid content", "%s", err)
	}
	if _, known := currency.MinorDigits(rule.Currency); rule.Currency != "" && !known {
		return problem.Invalid(problem.Field{Pointer: "/currencyCode", Rule: "currency", Detail: "is not an ISO 4217 code in use"})
	}
	proposed, err := s.Programme.Propose(r.Context(), rule)
	if errors.Is(err, programme.ErrOther) {
		return problem.New(http.StatusConflict, "other-proposal", "Another rule is proposed",
			"rule %d is proposed already; it must be agreed to or withdrawn first", proposed.Rule.Version)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusAccepted, proposed)
}
