package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

type ticketAnswer struct {
	TransactionID string          `json:"transactionId"`
	RetailerID    string          `json:"retailerId"`
	Status        string          `json:"status"`
	Points        ticketPoints    `json:"points"`
	Reason        *string         `json:"reason,omitempty"`
	ReceivedAt    *time.Time      `json:"receivedAt,omitempty"`
	RecordedAt    *time.Time      `json:"recordedAt,omitempty"`
	Ledger        *ledgerPlace    `json:"ledger,omitempty"`
	Ticket        json.RawMessage `json:"ticket,omitempty"`
}

func documentAnswer(d hotstate.TicketDocument, channel, role string) (ticketAnswer, error) {
	answer := ticketAnswer{
		RetailerID: d.RetailerID, Status: d.Status, Points: pointsOf(d.Status, d.Points),
		Reason: d.Reason, ReceivedAt: utc(d.ReceivedAt), RecordedAt: utc(d.RecordedAt),
	}
	if d.Block != nil && d.TxID != nil {
		answer.Ledger = &ledgerPlace{channel, *d.TxID, *d.Block}
	}
	var err error
	answer.Ticket, err = composeTicket(d.Trade, d.Person, role)
	return answer, err
}

// personPart is what the trade part of a ticket lacks.
type personPart struct {
	LoyaltyID        *string   `json:"loyaltyId"`
	OperatorID       *string   `json:"operatorId"`
	TenderReferences []*string `json:"tenderReferences"` // one a tender, null where it has none
}

// composeTicket puts the two parts of a ticket together. Values are carried over as they stand, so that no number changes
// its digits. The operator is a person too, and none of the customer's business.
func composeTicket(trade, person []byte, role string) (json.RawMessage, error) {
	if trade == nil {
		return nil, nil
	}
	var ticket map[string]json.RawMessage
	if err := json.Unmarshal(trade, &ticket); err != nil {
		return nil, fmt.Errorf("compose a ticket: trade part: %w", err)
	}
	if person != nil {
		var part personPart
		if err := json.Unmarshal(person, &part); err != nil {
			return nil, fmt.Errorf("compose a ticket: person part: %w", err)
		}
		if err := part.addTo(ticket); err != nil {
			return nil, fmt.Errorf("compose a ticket: %w", err)
		}
	}
	if role == hotstate.RoleCustomer {
		delete(ticket, "operatorId")
	}
	return marshal(ticket)
}

func (p personPart) addTo(ticket map[string]json.RawMessage) error {
	var err error
	for name, value := range map[string]*string{"loyaltyId": p.LoyaltyID, "operatorId": p.OperatorID} {
		if value == nil || *value == "" {
			continue
		}
		if ticket[name], err = marshal(value); err != nil {
			return err
		}
	}
	if p.TenderReferences == nil {
		return nil
	}
	var tenders []map[string]json.RawMessage
	if err := json.Unmarshal(ticket["tenders"], &tenders); err != nil {
		return fmt.Errorf("tenders: %w", err)
	}
	if len(tenders) != len(p.TenderReferences) {
		return fmt.Errorf("%d references for %d tenders", len(p.TenderReferences), len(tenders))
	}
	for i, reference := range p.TenderReferences {
		if reference == nil || *reference == "" {
			continue
		}
		if tenders[i]["reference"], err = marshal(reference); err != nil {
			return err
		}
	}
	ticket["tenders"], err = marshal(tenders)
	return err
}

// marshal encodes without changing < > & in texts, which encoding/json does by default.
func marshal(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}
