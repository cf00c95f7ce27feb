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
