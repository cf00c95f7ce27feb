package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/prover"
)

var notRecorded = problem{Type: "not-recorded", Title: "Not recorded", Status: http.StatusConflict,
	Detail: "This ticket is not on the ledger, so there is nothing to prove yet. If its status is accepted, ask again shortly."}

// ticketProof proves a ticket to whoever its holder shows the answer to: all that the holder sees of it, or what fields and
// lines name.
func (s *server) ticketProof(w http.ResponseWriter, r *http.Request) {
	p := readParameters(r, "fields", "lines")
	actor := caller(r).Actor()
	choice := p.choice(actor.Role)
	if err := p.err(); err != nil {
		s.fail(w, r, err)
		return
	}
	id, err := url.PathUnescape(mux.Vars(r)["id"])
	if err != nil || uuid.Validate(id) != nil || len(id) != 36 {
		notFound(w, r)
		return
	}
	s.prove(w, r, actor, choice, func(tx pgx.Tx) ([]byte, error) {
		key, err := hotstate.FindTicketKey(r.Context(), tx, actor, id)
		if errors.Is(err, hotstate.ErrNotFound) {
			if _, err := hotstate.ReadTicket(r.Context(), tx, actor, id); err != nil {
				return nil, err
			}
			return nil, notRecorded
		}
		return key, err
	})
}

// lineProof proves one line of the manufacturer's, and tells nothing else of its ticket but where, when and in what
// currency: what the list of lines has as well.
func (s *server) lineProof(w http.ResponseWriter, r *http.Request) {
	if err := readParameters(r).err(); err != nil {
		s.fail(w, r, err)
		return
	}
	actor := caller(r).Actor()
	line, err := s.lineRefs.open(actor.ManufacturerID, mux.Vars(r)["lineRef"])
	if err != nil {
		notFound(w, r)
		return
	}
	choice := prover.Choice{
		Fields: func(label string) bool {
			return label == "retailerId" || label == "storeId" || label == "businessDayDate" || label == "currencyCode"
		},
		Lines: func(number int64) bool { return number == line.number },
	}
	s.prove(w, r, actor, choice, func(tx pgx.Tx) ([]byte, error) {
		return line.ticketKey[:], hotstate.HasLine(r.Context(), tx, actor, line.day, line.ticketKey[:], line.number)
	})
}

// prove finds the ticket as the actor, and then makes the proof.
func (s *server) prove(w http.ResponseWriter, r *http.Request, actor hotstate.Actor, choice prover.Choice, find func(tx pgx.Tx) ([]byte, error)) {
	var bundle []byte
	err := hotstate.As(r.Context(), s.Pool, actor, func(tx pgx.Tx) error {
		key, err := find(tx)
		if err != nil {
			return err
		}
		asOf, err := hotstate.ReadAsOf(r.Context(), tx)
		if err != nil {
			return err
		}
		opening, err := hotstate.ReadOpening(r.Context(), tx, key)
		if err != nil {
			return err
		}
		bundle, err = prover.Prove(r.Context(), tx, asOf.Channel, opening, choice)
		return err
	})
	if errors.Is(err, prover.ErrNothing) {
		err = badParameter("fields", "choice", "the ticket has nothing of what is chosen")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Write(bundle) // nothing behind it: a bundle has one form
}

// provable are the leaves that a ticket's holder may choose.
var provable = []string{"beginDateTime", "businessDayDate", "controlType", "currencyCode", "eligible", "endDateTime", "lineItems",
	"loyaltyId", "operatorId", "retailerId", "schemaVersion", "sequenceNumber", "storeId", "taxes", "tenderReferences", "tenders",
	"totals", "transactionId", "transactionLinks", "transactionType", "workstationId"}

// choice reads what to show. The operator is a person too, and none of the customer's business.
func (p *parameters) choice(role string) prover.Choice {
	all := !p.query.Has("fields") && !p.query.Has("lines")
	fields := p.list("fields")
	for _, field := range fields {
		if !slices.Contains(provable, field) || role == hotstate.RoleCustomer && field == "operatorId" {
			p.bad("fields", "choice", strconv.Quote(field)+" cannot be shown; known are "+strings.Join(provable, ", "))
		}
	}
	lines := make(map[int64]bool)
	for _, text := range p.list("lines") {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || number < 1 {
			p.bad("lines", "number", "it must be sequence numbers of lines, separated by commas")
		}
		lines[number] = true
	}
	if !all && len(fields) == 0 && len(lines) == 0 {
		p.bad("fields", "choice", "nothing is chosen")
	}
	return prover.Choice{
		Fields: func(label string) bool {
			return all && (role != hotstate.RoleCustomer || label != "operatorId") || slices.Contains(fields, label)
		},
		Lines: func(number int64) bool { return all || lines[number] },
	}
}

// list reads a list of words separated by commas.
func (p *parameters) list(name string) []string {
	if p.query.Get(name) == "" {
		return nil
	}
	return strings.Split(p.query.Get(name), ",")
}
