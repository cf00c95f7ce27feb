package e2e_test

import (
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"testing"
)

type customerTicket struct {
	TransactionID string `json:"transactionId"`
	StoreID       string `json:"storeId"`
	GrandTotal    int64  `json:"grandTotal"`
	Status        string `json:"status"`
	Points        struct {
		Earned *int64 `json:"earned"`
	} `json:"points"`
}

// spend is what a customer's tickets in the set's stores come to.
type spend struct {
	sales, returns, sold, returned, points int64
	units                                  *big.Rat
}

func (s *system) spendOf(t *testing.T, d *dataset, loyaltyID string, withUnits bool) spend {
	t.Helper()
	token := s.as(t, customer(loyaltyID))
	sum := spend{units: new(big.Rat)}
	for _, ticket := range list[customerTicket](t, s, token, "/v1/tickets", nil) {
		if !d.stores[ticket.StoreID] {
			continue
		}
		if ticket.Status != "recorded" || ticket.Points.Earned == nil {
			t.Errorf("customer %s: ticket %s is %s", loyaltyID, ticket.TransactionID, ticket.Status)
			continue
		}
		sum.points += *ticket.Points.Earned
		if ticket.GrandTotal < 0 {
			sum.returns++
			sum.returned -= ticket.GrandTotal
		} else {
			sum.sales++
			sum.sold += ticket.GrandTotal
		}
		if withUnits {
			sum.units.Add(sum.units, s.unitsOf(t, token, ticket.TransactionID))
		}
	}
	return sum
}

func (s *system) unitsOf(t *testing.T, token, transactionID string) *big.Rat {
	t.Helper()
	var answer struct {
		Ticket struct {
			LineItems []struct {
				Quantity string `json:"quantity"`
			} `json:"lineItems"`
		} `json:"ticket"`
	}
	s.get(t, token, "/v1/tickets/"+transactionID, nil, http.StatusOK, &answer)
	units := new(big.Rat)
	for _, line := range answer.Ticket.LineItems {
		quantity, ok := new(big.Rat).SetString(line.Quantity)
		if !ok {
			t.Fatalf("quantity %q", line.Quantity)
		}
		units.Add(units, quantity)
	}
	return units
}

func TestSpendPerCustomer(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		for _, row := range d.table(t, "spend_per_customer") {
			id := row["customer"]
			_, wantUnits := row["units"]
			got := s.spendOf(t, d, id, wantUnits)
			if receipts, given := row["receipts"]; given && got.sales+got.returns != number(t, receipts) {
				t.Errorf("customer %s: %d receipts, want %s", id, got.sales+got.returns, receipts)
			}
			if wantUnits && got.units.RatString() != row["units"] {
				t.Errorf("customer %s: %s units, want %s", id, got.units.RatString(), row["units"])
			}
			if amount, given := row["amount"]; given && got.sold-got.returned != minor(t, amount) {
				t.Errorf("customer %s: spent %d, want %s", id, got.sold-got.returned, amount)
			}
			if sales, given := row["sales"]; given {
				want := spend{sales: number(t, sales), returns: number(t, row["returns"]), sold: minor(t, row["amount_sold"]), returned: minor(t, row["amount_returned"])}
				if got.sales != want.sales || got.returns != want.returns || got.sold != want.sold || got.returned != want.returned {
					t.Errorf("customer %s: %d sales and %d returns, sold %d, returned %d; want %d, %d, %d, %d", id,
						got.sales, got.returns, got.sold, got.returned, want.sales, want.returns, want.sold, want.returned)
				}
			}
		}
	})
}

// One percent of each ticket by itself, rounded towards zero: computed here from the files.
func TestPointsPerCustomer(t *testing.T) {
	s := running(t)
	want := make(map[string]int64)
	eachSet(t, func(t *testing.T, _ *system, d *dataset) {
		for _, ticket := range d.tickets {
			if ticket.LoyaltyID != "" {
				want[ticket.LoyaltyID] += ticket.Totals.Grand / 100 // Go's division rounds towards zero
			}
		}
	})
	if len(want) == 0 {
		t.Skip("no data set was loaded")
	}
	var outstanding int64
	for id, points := range want {
		outstanding += points
		token := s.as(t, customer(id))
		var got struct{ Available, Pending, Held int64 }
		s.get(t, token, "/v1/points", nil, http.StatusOK, &got)
		if got.Available != points || got.Pending != 0 || got.Held != 0 {
			t.Errorf("customer %s has %+v, want %d available", id, got, points)
		}
		if statement := s.statement(t, token); statement != points {
			t.Errorf("customer %s: the statement ends with %d, want %d", id, statement, points)
		}
	}
	var sums struct{ Accepted, Recorded, Missing, Rejected, PointsOutstanding int64 }
	s.get(t, s.as(t, auditor), "/v1/reconciliation", nil, http.StatusOK, &sums)
	if sums.PointsOutstanding != outstanding || sums.Missing != 0 || sums.Rejected != 0 || sums.Accepted != sums.Recorded {
		t.Errorf("the auditor is shown %+v, want %d points outstanding and nothing missing", sums, outstanding)
	}
}

// statement adds up a member's entries and checks each balance on the way.
func (s *system) statement(t *testing.T, token string) int64 {
	t.Helper()
	entries := list[struct {
		Points       int64 `json:"points"`
		BalanceAfter int64 `json:"balanceAfter"`
	}](t, s, token, "/v1/points/entries", nil)
	var sum int64
	for i := len(entries) - 1; i >= 0; i-- { // newest first
		sum += entries[i].Points
		if entries[i].BalanceAfter != sum {
			t.Errorf("the balance after an entry is %d, the entries so far come to %d", entries[i].BalanceAfter, sum)
		}
	}
	return sum
}

func TestTicketsAskedAsSomebodyElse(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		for i, ticket := range d.tickets {
			if i%97 != 0 {
				continue
			}
			path := "/v1/tickets/" + ticket.TransactionID
			for name, token := range map[string]string{
				"another customer": s.as(t, customer(ticket.LoyaltyID+"x")),
				"another store":    s.as(t, store(ticket.StoreID+"x")),
			} {
				var problem json.RawMessage
				s.get(t, token, path, nil, http.StatusNotFound, &problem)
				if rows := list[customerTicket](t, s, token, "/v1/tickets", url.Values{"storeId": {ticket.StoreID}}); len(rows) != 0 {
					t.Errorf("%s is shown %d tickets of store %s", name, len(rows), ticket.StoreID)
				}
			}
			s.get(t, s.as(t, manufacturer("nobody")), path, nil, http.StatusForbidden, nil)
			s.get(t, s.as(t, store(ticket.StoreID)), path, nil, http.StatusOK, nil)
		}
	})
}
