package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
)

// ledgerPlace is where the collector says that a ticket is.
type ledgerPlace struct {
	Status string `json:"status"`
	Ledger struct {
		TxID  string `json:"txId"`
		Block int64  `json:"block"`
	} `json:"ledger"`
}

// recorded tickets may be under a root on Ethereum by now.
func (p ledgerPlace) recorded() bool {
	return (p.Status == "recorded" || p.Status == "anchored") && p.Ledger.TxID != ""
}

// place asks the collector, by way of the query server's origin.
func (s *system) place(t *testing.T, token, transactionID string) ledgerPlace {
	t.Helper()
	var at ledgerPlace
	s.get(t, token, "/collector/v1/tickets/"+transactionID, nil, http.StatusOK, &at)
	return at
}

func TestUploadingAgainChangesNothing(t *testing.T) {
	eachSet(t, func(t *testing.T, s *system, d *dataset) {
		admin := s.as(t, hotstate.Actor{Role: hotstate.RoleAdmin})
		before := make(map[string]ledgerPlace)
		for i := 0; i < len(d.tickets); i += 41 {
			id := d.tickets[i].TransactionID
			if before[id] = s.place(t, admin, id); !before[id].recorded() {
				t.Errorf("ticket %s is %+v, want it recorded", id, before[id])
			}
		}
		statuses, summary := s.upload(t, admin, filepath.Join(d.folder, "tickets.ndjson"))
		if want := fmt.Sprintf("0 %d 0", len(d.tickets)); summary != want || statuses["duplicate"] != len(d.tickets) {
			t.Errorf("accepted, duplicate and rejected are %s, line by line %v; want %s", summary, statuses, want)
		}
		for id, was := range before {
			if is := s.place(t, admin, id); !is.recorded() || is.Ledger != was.Ledger {
				t.Errorf("ticket %s was at %+v and is at %+v", id, was, is)
			}
		}
	})
}

// upload sends a ticket file, and gives how often each status was answered and the summary.
func (s *system) upload(t *testing.T, token, name string) (statuses map[string]int, summary string) {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	address := s.env["TILLPROOF_COLLECTOR_URL"] + "/v1/ticket-files"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(string(file)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	statuses = make(map[string]int)
	for lines := json.NewDecoder(response.Body); lines.More(); {
		var line struct {
			Status  string
			Summary *struct{ Accepted, Duplicate, Rejected int }
		}
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line.Summary != nil {
			summary = fmt.Sprintf("%d %d %d", line.Summary.Accepted, line.Summary.Duplicate, line.Summary.Rejected)
			continue
		}
		statuses[line.Status]++
	}
	return statuses, summary
}
