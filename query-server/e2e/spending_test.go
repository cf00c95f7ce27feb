package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/hotstate"
)

var admin = hotstate.Actor{Role: hotstate.RoleAdmin}

// A shop is a store of a test's own, with members of its own.
type shop struct {
	*system
	t      *testing.T
	id     string
	till   string // the store's token
	number int
	mu     sync.Mutex
}

func (s *system) newShop(t *testing.T) *shop {
	t.Helper()
	sh := &shop{system: s, t: t, id: "S-" + uuid.NewString()}
	sh.till = s.as(t, store(sh.id))
	sh.ask("PUT", "/v1/stores/"+sh.id, s.as(t, admin), `{"name":"Spending","currencyCode":"EUR"}`, http.StatusCreated, nil)
	return sh
}

// newMember registers a member.
func (sh *shop) newMember() string {
	sh.t.Helper()
	id := "M-" + uuid.NewString()
	sh.ask("PUT", "/v1/customers/"+id, sh.as(sh.t, admin), `{}`, http.StatusCreated, nil)
	return id
}

// send asks the collector under a new idempotency key, unless one is given.
func (sh *shop) send(method, path, token, body string, key ...string) (int, []byte) {
	sh.t.Helper()
	request, err := http.NewRequestWithContext(sh.t.Context(), method, sh.env["TILLPROOF_COLLECTOR_URL"]+path, strings.NewReader(body))
	if err != nil {
		sh.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Idempotency-Key", append(key, uuid.NewString())[0])
	response, err := sh.client.Do(request)
	if err != nil {
		sh.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		sh.t.Fatal(err)
	}
	sh.checkDescribed(sh.t, response, answer)
	return response.StatusCode, answer
}

// ask wants one status.
func (sh *shop) ask(method, path, token, body string, status int, into any, key ...string) {
	sh.t.Helper()
	got, answer := sh.send(method, path, token, body, key...)
	if got != status {
		sh.t.Fatalf("%s %s %s: status %d, want %d: %.400s", method, path, body, got, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			sh.t.Fatal(err)
		}
	}
}

// A purchase is what a test says of a ticket.
type purchase struct {
	id, kind, member, lines, more string
	grand                         int64
}

// sell sends a ticket, and gives its transaction id.
func (sh *shop) sell(p purchase) string {
	sh.t.Helper()
	if p.id == "" {
		p.id = uuid.NewString()
	}
	if p.kind == "" {
		p.kind = "Sale"
	}
	if p.lines == "" {
		p.lines = line(1, p.grand, "")
	}
	if p.member != "" {
		p.more += fmt.Sprintf(`,"loyaltyId":%q`, p.member)
	}
	sh.mu.Lock()
	sh.number++
	number := sh.number
	sh.mu.Unlock()
	day := time.Now().UTC()
	sh.ask("POST", "/v1/tickets", sh.till, fmt.Sprintf(`{"schemaVersion":"1","transactionId":%q,"transactionType":%q,"storeId":%q,
		"workstationId":"1","sequenceNumber":%d,"businessDayDate":%q,"endDateTime":%q,"currencyCode":"EUR","lineItems":[%s],
		"totals":{"grand":%d}%s}`, p.id, p.kind, sh.id, number, day.Format(time.DateOnly), day.Format(time.RFC3339), p.lines, p.grand, p.more),
		http.StatusCreated, nil)
	return p.id
}

func line(number int, amount int64, more string) string {
	quantity := 1
	if amount < 0 {
		quantity = -1
	}
	return fmt.Sprintf(`{"sequenceNumber":%d,"itemId":"X","quantity":"%d","extendedAmount":%d%s}`, number, quantity, amount, more)
}

func returnedLine(amount int64, of string) string {
	return line(1, -amount, fmt.Sprintf(`,"returnOf":{"transactionId":%q}`, of))
}

func paid(points, card int64, redemption string) string {
	return fmt.Sprintf(`,"tenders":[{"tenderType":"Points","amount":%d,"reference":%q},{"tenderType":"Card","amount":%d}]`,
		points, redemption, card)
}

type pointsOf struct{ Available, Pending, Held int64 }

func (sh *shop) points(member string) (p pointsOf) {
	sh.t.Helper()
	sh.get(sh.t, sh.as(sh.t, customer(member)), "/v1/points", nil, http.StatusOK, &p)
	return p
}

// has waits until a member has these points, and holds the statement against them.
func (sh *shop) has(member string, available, held int64) {
	sh.t.Helper()
	want := pointsOf{Available: available, Held: held}
	var got pointsOf
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = sh.points(member); got == want {
			if sum := sh.statement(sh.t, sh.as(sh.t, customer(member))); sum != available+held {
				sh.t.Errorf("the statement comes to %d, want %d", sum, available+held)
			}
			return
		}
	}
	sh.t.Fatalf("the member has %+v, want %+v", got, want)
}

// redeemed wants of the store's days what was paid with points, by till.
func (sh *shop) redeemed(want map[string]int64) {
	sh.t.Helper()
	got := make(map[string]int64)
	for _, day := range list[struct {
		WorkstationID  string
		PointsRedeemed int64
	}](sh.t, sh.system, sh.till, "/v1/stores/"+sh.id+"/days", nil) {
		got[day.WorkstationID] += day.PointsRedeemed
	}
	if !maps.Equal(got, want) {
		sh.t.Errorf("the store's days have points redeemed %v, not %v", got, want)
	}
}

type redemption struct {
	RedemptionID string
	Status       string
	Points       int64
	Amount       int64
	CurrencyCode string
	ExpiresAt    time.Time
}

func (sh *shop) code(member string) string {
	sh.t.Helper()
	var code struct{ Code string }
	sh.get(sh.t, sh.as(sh.t, customer(member)), "/v1/member-code", nil, http.StatusOK, &code)
	return code.Code
}

func (sh *shop) redeem(member string, points int64) string {
	sh.t.Helper()
	return fmt.Sprintf(`{"memberCode":%q,"points":%d,"storeId":%q}`, sh.code(member), points, sh.id)
}

// The life of points: earned, held, paid with, released, given to somebody, taken back by returns, given back by voids.
func TestPointsAreSpentOnce(t *testing.T) {
	t.Parallel()
	sh := running(t).newShop(t)
	ann, bea := sh.newMember(), sh.newMember()
	first := sh.sell(purchase{member: ann, grand: 10_000})
	sh.has(ann, 100, 0)

	// Held, once a key and once a code.
	var held, again redemption
	request, key := sh.redeem(ann, 60), uuid.NewString()
	sh.ask("POST", "/v1/redemptions", sh.till, request, http.StatusCreated, &held, key)
	if held.Status != "held" || held.Points != 60 || held.Amount != 60 || held.CurrencyCode != "EUR" || !held.ExpiresAt.After(time.Now()) {
		t.Errorf("held: %+v", held)
	}
	sh.has(ann, 40, 60)
	sh.ask("POST", "/v1/redemptions", sh.till, request, http.StatusCreated, &again, key)
	if again != held {
		t.Errorf("the same request made %+v and %+v", held, again)
	}
	sh.ask("POST", "/v1/redemptions", sh.till, request, http.StatusUnprocessableEntity, nil) // the code was used
	sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(ann, 61), http.StatusUnprocessableEntity, nil, key)

	// What is held is not there for another, and no member looks like one without points.
	sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(ann, 41), http.StatusConflict, nil)
	status, poor := sh.send("POST", "/v1/redemptions", sh.till, sh.redeem(bea, 1))
	nobodyStatus, nobody := sh.send("POST", "/v1/redemptions", sh.till, sh.redeem("nobody-"+bea, 1))
	if status != http.StatusConflict || nobodyStatus != status || string(poor) != string(nobody) {
		t.Errorf("a member without points answers %d %s, nobody %d %s", status, poor, nobodyStatus, nobody)
	}
	sh.ask("POST", "/v1/transfers", sh.as(t, customer(ann)), fmt.Sprintf(`{"toLoyaltyId":%q,"points":41}`, bea), http.StatusConflict, nil)

	// A ticket that names the redemption captures it.
	second := sh.sell(purchase{member: ann, grand: 500, more: paid(60, 440, held.RedemptionID)})
	sh.has(ann, 45, 0)
	sh.ask("GET", "/v1/redemptions/"+held.RedemptionID, sh.till, "", http.StatusOK, &again)
	if again.Status != "captured" {
		t.Errorf("paid with, and still %s", again.Status)
	}
	sh.ask("POST", "/v1/redemptions/"+held.RedemptionID+"/release", sh.till, "", http.StatusConflict, nil)
	sh.ask("GET", "/v1/redemptions/"+held.RedemptionID, sh.as(t, store("another")), "", http.StatusNotFound, nil)

	// Released, and captured by itself.
	for _, end := range []struct {
		path string
		left int64
	}{{"/release", 45}, {"/capture", 40}} {
		sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(ann, 5), http.StatusCreated, &held)
		for range 2 {
			sh.ask("POST", "/v1/redemptions/"+held.RedemptionID+end.path, sh.till, "", http.StatusOK, nil)
		}
		sh.has(ann, end.left, 0)
	}
	sh.redeemed(map[string]int64{"1": 60, "": 5}) // by the till's ticket, and by the store itself

	// Given to somebody who never had a ticket.
	gift, key := fmt.Sprintf(`{"toLoyaltyId":%q,"points":10}`, bea), uuid.NewString()
	for range 2 {
		sh.ask("POST", "/v1/transfers", sh.as(t, customer(ann)), gift, http.StatusCreated, nil, key)
	}
	sh.has(ann, 30, 0)
	sh.has(bea, 10, 0)
	sh.ask("POST", "/v1/transfers", sh.as(t, customer(ann)), fmt.Sprintf(`{"toLoyaltyId":%q,"points":1}`, ann), http.StatusUnprocessableEntity, nil)
	sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(bea, 10), http.StatusCreated, &held)
	sh.has(bea, 0, 10)

	// A return takes back to the point, below zero if need be, and then nothing can be spent.
	sh.sell(purchase{kind: "Return", grand: -5_050, lines: returnedLine(5_050, first)})
	sh.has(ann, 30-51, 0) // 49 of 100 points are left of the sale
	sh.ask("POST", "/v1/redemptions", sh.till, sh.redeem(ann, 1), http.StatusConflict, nil)

	// A void gives back what was paid in points, and takes what was earned.
	sh.sell(purchase{
		kind: "PostVoid", member: ann, grand: -500,
		more: fmt.Sprintf(`,"transactionLinks":[{"transactionId":%q}]`, second) + paid(-60, -440, again.RedemptionID),
	})
	sh.has(ann, 30-51+60-5, 0)
}

// A return that comes before its sale takes back exactly what the sale then earns; what exceeds the sale takes nothing.
func TestReturnsInAnyOrder(t *testing.T) {
	t.Parallel()
	sh := running(t).newShop(t)
	ann := sh.newMember()
	sale := uuid.NewString()
	early := sh.sell(purchase{kind: "Return", grand: -399, lines: returnedLine(399, sale)})
	var ticket struct{ Status string }
	for deadline := time.Now().Add(30 * time.Second); ticket.Status != "recorded" && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		sh.ask("GET", "/v1/tickets/"+early, sh.till, "", http.StatusOK, &ticket)
	}
	sh.sell(purchase{id: sale, member: ann, grand: 1_000})
	sh.has(ann, 6, 0) // 10 earned, 4 taken: of 601 left, 6
	sh.sell(purchase{kind: "Return", grand: -5_000, lines: returnedLine(5_000, sale)})
	sh.has(ann, 0, 0)
}

// Many tills redeem from one member at once while tickets accrue: never more than there is, and everyone has an answer.
func TestNobodyOverspends(t *testing.T) {
	t.Parallel()
	sh := running(t).newShop(t)
	ann := sh.newMember()
	sh.sell(purchase{member: ann, grand: 100_000})
	sh.has(ann, 1000, 0)
	const tills, each = 12, 100
	requests := make([]string, tills)
	for i := range requests {
		requests[i] = sh.redeem(ann, each)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := make(map[int]int)
	for i := range requests {
		all.Go(func() {
			key, status := uuid.NewString(), http.StatusAccepted
			for range 30 { // 202: ask again under the same key
				if status, _ = sh.send("POST", "/v1/redemptions", sh.till, requests[i], key); status != http.StatusAccepted {
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
		all.Go(func() { sh.sell(purchase{grand: 100}) })
	}
	all.Wait()
	if statuses[http.StatusCreated] != 10 || statuses[http.StatusConflict] != 2 {
		t.Errorf("1000 points, %d tills that want %d: %v", tills, each, statuses)
	}
	sh.has(ann, 0, 1000)
}
