package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/domain/membercode"
	"github.com/tillproof/tillproof/hotstate"
)

// A till that lost the answer asks again with the code that it was shown, which may have expired meanwhile.
func TestRedemptionIsRepeatedAfterItsCodeExpired(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	f.requireStatus(f.do("PUT", "/v1/customers/M1", f.admin(), `{}`), http.StatusCreated)
	code := must(membercode.Seal(must(f.keys.MemberCodes()), "M1", time.Now().Add(-time.Minute), [12]byte{1}))
	body := fmt.Sprintf(`{"memberCode":%q,"points":5,"storeId":"S1"}`, code)
	till, key := f.store("S1"), uuid.NewString()
	post := func(key, body string) answer {
		return f.do("POST", "/v1/redemptions", till, body, "Idempotency-Key", key)
	}
	f.requireProblem(post(key, body), http.StatusUnprocessableEntity, "invalid")

	// As it was asked for a moment before the code expired.
	first, err := f.spending.Redeem(t.Context(), hotstate.Redemption{StoreID: "S1", LoyaltyID: "M1", Points: 5, CurrencyCode: "EUR"},
		code, spending.Request{Caller: "user:store-S1", Key: key, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	again := f.requireStatus(post(key, body), http.StatusAccepted)
	var got struct{ RedemptionID, Status string }
	if err := json.Unmarshal(again.body, &got); err != nil || got.RedemptionID != first.ID || got.Status != "pending" {
		t.Errorf("%s, want redemption %s", again.body, first.ID)
	}
	f.requireProblem(post(uuid.NewString(), body), http.StatusUnprocessableEntity, "invalid")
	f.requireProblem(post(key, body+" "), http.StatusUnprocessableEntity, "idempotency-key-reused")
}

// What is another's is not there, whichever way it is asked for.
func TestSpendingOfOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2")
	for _, member := range []string{"M1", "M2", "M3"} {
		f.requireStatus(f.do("PUT", "/v1/customers/"+member, f.admin(), `{}`), http.StatusCreated)
	}
	request := func(body string) spending.Request {
		return spending.Request{Caller: "user:u", Key: uuid.NewString(), Body: []byte(body)}
	}
	held, err := f.spending.Redeem(t.Context(), hotstate.Redemption{StoreID: "S1", LoyaltyID: "M1", Points: 5, CurrencyCode: "EUR"}, "", request("a"))
	if err != nil {
		t.Fatal(err)
	}
	given, err := f.spending.Transfer(t.Context(), hotstate.Transfer{From: "M1", To: "M2", Points: 5}, request("b"))
	if err != nil {
		t.Fatal(err)
	}
	customer := func(id string) string { return f.token(map[string]any{"role": "customer", "loyaltyId": id}) }
	redemption, transfer := "/v1/redemptions/"+held.ID, "/v1/transfers/"+given.ID
	f.requireStatus(f.do("GET", redemption, f.store("S1"), ""), http.StatusOK)
	f.requireStatus(f.do("GET", transfer, customer("M1"), ""), http.StatusOK)
	for _, c := range []struct{ method, path, token string }{
		{"GET", redemption, f.store("S2")},
		{"POST", redemption + "/capture", f.store("S2")},
		{"POST", redemption + "/release", f.store("S2")},
		{"GET", redemption, f.token(map[string]any{"role": "store", "retailerId": "other"})},
		{"GET", transfer, customer("M2")}, // who was given points sees them in the statement, not what the giver did
		{"GET", transfer, customer("M3")},
		{"GET", "/v1/redemptions/" + given.ID, f.store("S1")},
		{"GET", "/v1/transfers/" + held.ID, customer("M1")},
	} {
		t.Log(c.method, c.path)
		f.requireProblem(f.do(c.method, c.path, c.token, ""), http.StatusNotFound, "not-found")
	}
	if n := f.count("select count(*) from book.spending_orders where action <> 'hold' and action <> 'transfer'"); n != 0 {
		t.Errorf("%d orders were given by those who may not", n)
	}
	stranger := f.do("POST", "/v1/redemptions", f.store("S2"), `{"memberCode":"x","points":5,"storeId":"S1"}`, "Idempotency-Key", uuid.NewString())
	f.requireProblem(stranger, http.StatusUnprocessableEntity, "invalid")
}

// What is held is captured or released on the ledger; from there on the answer is the same whoever asks how often.
func TestEndOfARedemption(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	f.requireStatus(f.do("PUT", "/v1/customers/M1", f.admin(), `{}`), http.StatusCreated)
	for end, other := range map[string]string{"capture": "release", "release": "capture"} {
		held, err := f.spending.Redeem(t.Context(), hotstate.Redemption{StoreID: "S1", LoyaltyID: "M1", Points: 5, CurrencyCode: "EUR"}, "",
			spending.Request{Caller: "user:u", Key: uuid.NewString(), Body: []byte(end)})
		if err != nil {
			t.Fatal(err)
		}
		f.exec(`insert into view.holds (hold_id, account, loyalty_id, state, points, captured, given_back, expires_at, block, tx_id, recorded_at)
			values ($1, '', 'M1', $2, 5, 0, 0, now() + interval '1 hour', 1, 'x', now())`, held.ID, end+"d")
		path := "/v1/redemptions/" + held.ID
		var got struct{ Status string }
		for range 2 {
			if err := json.Unmarshal(f.requireStatus(f.do("POST", path+"/"+end, f.store("S1"), ""), http.StatusOK).body, &got); err != nil || got.Status != end+"d" {
				t.Errorf("%s: %+v, %v", end, got, err)
			}
		}
		f.requireProblem(f.do("POST", path+"/"+other, f.store("S1"), ""), http.StatusConflict, "not-held")
	}
}

// A transfer is pending until the ledger has it; it cannot go to oneself or to nobody.
func TestATransferIsAskedFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, member := range []string{"M1", "M2"} {
		f.requireStatus(f.do("PUT", "/v1/customers/"+member, f.admin(), `{}`), http.StatusCreated)
	}
	giver, key := f.token(map[string]any{"role": "customer", "loyaltyId": "M1"}), uuid.NewString()
	post := func(key, to string) answer {
		return f.do("POST", "/v1/transfers", giver, fmt.Sprintf(`{"toLoyaltyId":%q,"points":5}`, to), "Idempotency-Key", key)
	}
	pending := f.requireStatus(post(key, "M2"), http.StatusAccepted)
	var got struct{ TransferID, Status string }
	if err := json.Unmarshal(pending.body, &got); err != nil || got.Status != "pending" || pending.Header.Get("Location") != "/v1/transfers/"+got.TransferID {
		t.Errorf("%s at %q", pending.body, pending.Header.Get("Location"))
	}
	f.exec(`insert into view.transfers (transfer_id, from_account, to_account, points, block, tx_id, recorded_at)
		values ($1, '', '', 5, 1, 'x', now())`, got.TransferID)
	if done := f.requireStatus(post(key, "M2"), http.StatusCreated); json.Unmarshal(done.body, &got) != nil || got.Status != "transferred" {
		t.Errorf("on the ledger: %s", done.body)
	}
	for _, to := range []string{"M1", "nobody"} {
		f.requireProblem(post(uuid.NewString(), to), http.StatusUnprocessableEntity, "invalid")
	}
}
