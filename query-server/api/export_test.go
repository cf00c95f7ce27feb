package api_test

import (
	"context"
	"strings"
	"testing"
)

func TestExport(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	_, err := s.db.Owner.Exec(context.Background(), `
		insert into book.redemptions (redemption_id, store_id, loyalty_id, points, currency_code, caller, idempotency_key, body_hash)
		values (gen_random_uuid(), 'S2', 'a', 17, 'EUR', 'x', gen_random_uuid(), ''), (gen_random_uuid(), 'S2', 'b', 18, 'EUR', 'x', gen_random_uuid(), '');
		insert into book.transfers (transfer_id, from_loyalty_id, to_loyalty_id, points, caller, idempotency_key, body_hash)
		values (gen_random_uuid(), 'a', 'b', 19, 'x', gen_random_uuid(), ''), (gen_random_uuid(), 'b', 'a', 20, 'x', gen_random_uuid(), '')`)
	if err != nil {
		t.Fatal(err)
	}
	s.checkProbes(t)
	got := s.get("customer-a", "/v1/export")
	for _, part := range []string{`"name":"Member A"`, `"available":21`, `"username":"customer-a"`, `"redemptionId"`, `"toLoyaltyId":"b"`, `"auth-1"`, `"loyaltyId":"a"`} {
		if !strings.Contains(got.body, part) {
			t.Errorf("the export lacks %s", part)
		}
	}
	for _, part := range []string{"op-7", "password", "argon2", `"points":20`, "Member B"} {
		if strings.Contains(got.body, part) {
			t.Errorf("the export has %s", part)
		}
	}
	if !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Error("a browser would show it instead of keeping it")
	}
}
