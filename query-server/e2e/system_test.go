package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/token"
)

// A system is the running one that the tests ask.
type system struct {
	env    map[string]string
	issuer token.Issuer
	client *http.Client
}

// running gives the system under test, or skips.
func running(t *testing.T) *system {
	t.Helper()
	file := os.Getenv("TILLPROOF_E2E_ENV")
	if file == "" {
		t.Skip("TILLPROOF_E2E_ENV is not set: scripts/test brings a system up and sets it")
	}
	env := readEnv(t, file)
	keys, err := token.OpenKeys(filepath.Join(env["TILLPROOF_KEYS_DIR"], "jwt"))
	if err != nil {
		t.Fatal(err)
	}
	return &system{
		env:    env,
		issuer: token.Issuer{Name: "tillproof", Keys: keys, Now: time.Now},
		client: &http.Client{Timeout: time.Minute},
	}
}

func readEnv(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	env := make(map[string]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, found := strings.Cut(lines.Text(), "="); found {
			env[key] = value
		}
	}
	return env
}

// as gives a token. Signing in is tested elsewhere; thousands of password hashes would only cost time here.
func (s *system) as(t *testing.T, actor hotstate.Actor) string {
	t.Helper()
	text, err := s.issuer.Sign(hotstate.Login{Username: "e2e", Actor: actor}, "")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func customer(loyaltyID string) hotstate.Actor {
	return hotstate.Actor{Role: hotstate.RoleCustomer, LoyaltyID: loyaltyID}
}

func manufacturer(id string) hotstate.Actor {
	return hotstate.Actor{Role: hotstate.RoleManufacturer, ManufacturerID: id}
}

func store(id string) hotstate.Actor {
	return hotstate.Actor{Role: hotstate.RoleStore, StoreIDs: []string{id}}
}

var auditor = hotstate.Actor{Role: hotstate.RoleAuditor}

// get asks the query server, and expects a status.
func (s *system) get(t *testing.T, token, path string, query url.Values, status int, into any) {
	t.Helper()
	address := s.env["TILLPROOF_QUERY_URL"] + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	s.checkDescribed(t, response, body)
	if response.StatusCode != status {
		t.Fatalf("GET %s: status %d, want %d: %.300s", address, response.StatusCode, status, body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("GET %s: %v", address, err)
	}
}

// list gets all pages of a list.
func list[T any](t *testing.T, s *system, token, path string, query url.Values) []T {
	t.Helper()
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", "1000")
	var all []T
	for range 10_000 {
		var page struct {
			Items      []T    `json:"items"`
			NextCursor string `json:"nextCursor"`
		}
		s.get(t, token, path, query, http.StatusOK, &page)
		all = append(all, page.Items...)
		if page.NextCursor == "" {
			return all
		}
		query.Set("cursor", page.NextCursor)
	}
	t.Fatalf("%s does not end", path)
	return nil
}

type sale struct {
	ItemID         string      `json:"itemId"`
	StoreID        string      `json:"storeId"`
	Day            string      `json:"day"`
	Month          string      `json:"month"`
	CurrencyCode   string      `json:"currencyCode"`
	UnitsSold      json.Number `json:"unitsSold"`
	UnitsReturned  json.Number `json:"unitsReturned"`
	AmountSold     int64       `json:"amountSold"`
	AmountReturned int64       `json:"amountReturned"`
	AmountNet      int64       `json:"amountNet"`
	Lines          int64       `json:"lines"`
	Tickets        int64       `json:"tickets"`
}

func (s *system) sales(t *testing.T, actor hotstate.Actor, groupBy string, filters ...string) []sale {
	t.Helper()
	query := url.Values{"groupBy": {groupBy}}
	for i := 0; i+1 < len(filters); i += 2 {
		query.Set(filters[i], filters[i+1])
	}
	return list[sale](t, s, s.as(t, actor), "/v1/sales", query)
}

// minor gives a decimal amount of the expected tables in minor units of a currency with two.
func minor(t *testing.T, decimal string) int64 {
	t.Helper()
	whole, cents, found := strings.Cut(decimal, ".")
	if !found {
		cents = "00"
	}
	if len(cents) != 2 {
		t.Fatalf("amount %q has not two decimals", decimal)
	}
	return number(t, whole+cents)
}
