package api_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

type ticketList struct {
	Items []struct {
		TransactionID, Status, TransactionType, StoreID, CurrencyCode, EndDateTime string
		Reason                                                                     *string
		GrandTotal                                                                 int64
		Points                                                                     struct{ Earned, Pending *int64 }
	}
	NextCursor string
}

// numbers names a list's tickets by their last digit.
func (l ticketList) numbers() string {
	text := ""
	for _, item := range l.Items {
		text += item.TransactionID[len(item.TransactionID)-1:]
	}
	return text
}

func TestTickets(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	north := url.QueryEscape(hotstatetest.TroubleStore)
	for _, test := range []struct{ user, query, want string }{
		{"customer-a", "", "7641"}, {"customer-b", "", "82"}, {"north", "", "76521"}, {"elsewhere", "", "4"}, {"chain", "", "7685321"},
		{"chain", "status=recorded", "5321"}, {"chain", "status=accepted", "68"}, {"chain", "status=rejected", "7"},
		{"chain", "from=2024-01-31&to=2024-02-10", "532"}, {"chain", "to=2024-01-15", "1"}, {"chain", "from=2024-02-11", "768"},
		{"chain", "storeId=S2", "83"}, {"chain", "storeId=" + north, "76521"}, {"chain", "workstationId=till+1&storeId=S2", "83"},
		{"chain", "workstationId=till+2", ""},
	} {
		list := decode[ticketList](t, s.get(test.user, "/v1/tickets?"+test.query))
		if got := list.numbers(); got != test.want || list.NextCursor != "" {
			t.Errorf("%s, %s: tickets %q, want %q", test.user, test.query, got, test.want)
		}
		// The same by pages of two.
		paged, cursor := "", ""
		for range 5 {
			page := decode[ticketList](t, s.get(test.user, "/v1/tickets?limit=2&"+test.query+cursor))
			paged += page.numbers()
			if page.NextCursor == "" {
				break
			}
			cursor = "&cursor=" + page.NextCursor
		}
		if paged != test.want {
			t.Errorf("%s, %s: by pages %q, want %q", test.user, test.query, paged, test.want)
		}
	}
	list := decode[ticketList](t, s.get("chain", "/v1/tickets?from=2024-02-11"))
	rejected, accepted := list.Items[0], list.Items[1]
	if rejected.Status != "rejected" || rejected.Reason == nil || rejected.Points.Pending != nil {
		t.Errorf("rejected: %+v", rejected)
	}
	if accepted.Status != "accepted" || *accepted.Points.Pending != 5 || accepted.GrandTotal != 500 || accepted.CurrencyCode != "EUR" ||
		accepted.EndDateTime != "2024-02-11T13:00:00+01:00" || accepted.TransactionType != "Sale" {
		t.Errorf("accepted: %+v", accepted)
	}
	if own := decode[ticketList](t, s.get("customer-a", "/v1/tickets?status=rejected")); own.Items[0].Reason != nil {
		t.Errorf("a customer reads the store's reason: %+v", own)
	}
}

func TestTicketDocument(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type document struct {
		Status, TransactionID string
		Points                struct{ Earned, Pending *int64 }
		Ledger                *struct{ TxID string }
		Reason                *string
		Ticket                struct {
			LoyaltyID, OperatorID string
			Totals                struct{ Grand int64 }
			Tenders               []struct{ Reference string }
		}
	}
	read := func(user, number string) document {
		return decode[document](t, s.get(user, "/v1/tickets/00000000-0000-4000-8000-00000000000"+number))
	}
	recorded := read("north", "1")
	if recorded.Status != "recorded" || *recorded.Points.Earned != 6 || recorded.Ledger.TxID != "tx-t1" || recorded.Ticket.LoyaltyID != "a" ||
		recorded.Ticket.OperatorID != "op-7" || recorded.Ticket.Tenders[0].Reference != "auth-1" || recorded.Ticket.Totals.Grand != 650 {
		t.Errorf("recorded, for the store: %+v", recorded)
	}
	if mine := read("customer-a", "1"); mine.Ticket.OperatorID != "" || mine.Ticket.LoyaltyID != "a" {
		t.Errorf("recorded, for the customer: %+v", mine)
	}
	if open := read("customer-a", "6"); open.Status != "accepted" || *open.Points.Pending != 5 || open.Ledger != nil ||
		open.Ticket.OperatorID != "" || open.Ticket.Totals.Grand != 500 {
		t.Errorf("accepted, for the customer: %+v", open)
	}
	if rejected := read("north", "7"); rejected.Status != "rejected" || rejected.Reason == nil || rejected.Points.Pending != nil {
		t.Errorf("rejected, for the store: %+v", rejected)
	}
	if mine := read("customer-a", "7"); mine.Reason != nil {
		t.Errorf("rejected, for the customer: %+v", mine)
	}
	// Erasure empties the person part: the store keeps the trade.
	if _, err := s.db.Collector.Exec(context.Background(), `update view.tickets set person = null, loyalty_id = null where tx_id = 'tx-t1'`); err != nil {
		t.Fatal(err)
	}
	if erased := read("north", "1"); erased.Ticket.LoyaltyID != "" || erased.Ticket.Totals.Grand != 650 {
		t.Errorf("erased: %+v", erased)
	}
}
