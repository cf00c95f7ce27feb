package api

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// postTicket accepts one ticket under an idempotency key.
func (s *Server) postTicket(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	key, err := idempotencyKey(r, caller)
	if err != nil {
		return err
	}
	body, err := readBody(w, r, ticket.MaxBytes)
	if err != nil {
		return err
	}
	submission, p := ingest.Read(caller, body, s.Clock())
	if p != nil {
		s.metrics.tickets.WithLabelValues(string(ingest.Rejected)).Inc()
		return p
	}
	if s.Backlog != nil && s.Backlog.Full() {
		return problem.Behind()
	}
	submission.Key, submission.Sent = &key, body
	outcome, err := s.Tickets.Submit(r.Context(), submission)
	if err != nil {
		return err
	}
	s.metrics.tickets.WithLabelValues(string(outcome.Status)).Inc()
	if outcome.Status == ingest.Rejected {
		return outcome.Problem
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", outcome.Answer.Location)
	w.WriteHeader(outcome.Answer.Status)
	w.Write(outcome.Answer.Body)
	return nil
}

// idempotencyKey reads the header. The path is the route's: it has no ids, and cannot be written in two ways.
func idempotencyKey(r *http.Request, caller auth.Caller) (hotstate.IdempotencyKey, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 1 && len(values[0]) == 36 {
		if key, err := uuid.Parse(values[0]); err == nil {
			return hotstate.IdempotencyKey{
				Caller: caller.ID, Method: r.Method, Path: aboutRequest(r).route, Key: key.String()}, nil
		}
	}
	return hotstate.IdempotencyKey{}, problem.New(http.StatusBadRequest, "idempotency-key", "Idempotency-Key needed",
		"send one header Idempotency-Key with a UUID, the same one whenever you send this request again")
}

// ticketStatus is how far a ticket has come.
type ticketStatus struct {
	TransactionID string      `json:"transactionId"`
	Status        string      `json:"status"`
	Ledger        *ledgerTxID `json:"ledger,omitempty"`
	Anchor        *anchor     `json:"anchor,omitempty"`
	Reason        string      `json:"reason,omitempty"`
	Remarks       []string    `json:"remarks,omitempty"` // what the ledger had to say of a ticket that it recorded
}

// remarkNames are the words for the ledger's flags.
var remarkNames = map[ledger.Flag]string{
	ledger.Waits:       "original-not-recorded-yet",
	ledger.Excess:      "exceeds-original",
	ledger.VoidOfVoid:  "void-of-void",
	ledger.Uncovered:   "redemption-not-covered",
	ledger.UnknownHold: "unknown-redemption",
	ledger.NotPaid:     "exceeds-redemption",
}

func remarks(flags string) (names []string) {
	for _, flag := range []byte(flags) {
		names = append(names, remarkNames[ledger.Flag(flag)])
	}
	return names
}

type ledgerTxID struct {
	Channel string `json:"channel"`
	TxID    string `json:"txId"`
	Block   int64  `json:"block"`
}

// anchor is the root on Ethereum that covers a ticket, written as Ethereum's own tools write such things.
type anchor struct {
	Size        int64  `json:"size"`
	Root        string `json:"root"`
	ChainID     int64  `json:"chainId"`
	Contract    string `json:"contract"`
	Transaction string `json:"transaction"`
	Block       int64  `json:"block"`
}

// anchorOf is nil until the ticket is under a root that stays.
func (s *Server) anchorOf(ctx context.Context, retailerID, transactionID string) (*anchor, error) {
	found, err := hotstate.AnchorOfTicket(ctx, s.Pool, retailerID, transactionID)
	if errors.Is(err, hotstate.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	hexadecimal := func(bytes []byte) string { return "0x" + hex.EncodeToString(bytes) }
	return &anchor{found.Size, hexadecimal(found.Root), found.ChainID, hexadecimal(found.Contract),
		hexadecimal(found.Transaction), found.Block}, nil
}

// getTicket tells a store of its own tickets only. A transaction id is unique within a retailer; an administrator who
// asks for one that two retailers used sees the newer.
func (s *Server) getTicket(w http.ResponseWriter, r *http.Request, caller auth.Caller) error {
	id, err := uuid.Parse(pathValue(r, "transactionId"))
	if err != nil {
		return problem.NotFound("ticket")
	}
	tickets, err := hotstate.TicketsByTransactionID(r.Context(), s.Pool, id.String())
	if err != nil {
		return err
	}
	for _, found := range tickets {
		if caller.Role != auth.Admin && !caller.Owns(found.StoreID, found.RetailerID) {
			continue
		}
		answer := ticketStatus{TransactionID: id.String(), Status: found.State, Reason: found.Reason, Remarks: remarks(found.Flags)}
		if found.TxID != "" && found.State == "recorded" {
			answer.Ledger = &ledgerTxID{s.Channel, found.TxID, found.Block}
			if answer.Anchor, err = s.anchorOf(r.Context(), found.RetailerID, id.String()); err != nil {
				return err
			}
			if answer.Anchor != nil {
				answer.Status = "anchored"
			}
		}
		return writeJSON(w, http.StatusOK, answer)
	}
	return problem.NotFound("ticket")
}
