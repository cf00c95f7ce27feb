package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

type erasureAnswer struct {
	ErasureID, Status, Step string
}

func (f *fixture) readErasure(a answer) (e erasureAnswer) {
	f.Helper()
	if err := json.Unmarshal(a.body, &e); err != nil {
		f.Fatalf("%s: %v", a.body, err)
	}
	return e
}

func TestDeleteCustomer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.requireStatus(f.put("/v1/customers/C%201", `{"name":"One"}`), 201)
	f.requireStatus(f.put("/v1/users/one", `{"role":"customer","password":"correct horse battery","loyaltyId":"C 1"}`), 201)
	f.exec(`insert into book.sessions (session_id, username, ends_at) values (gen_random_uuid(), 'one', now() + interval '1 day')`)

	asked := f.requireStatus(f.do("DELETE", "/v1/customers/C%201", f.admin(), ""), 202)
	erasure := f.readErasure(asked)
	where := asked.Header.Get("Location")
	if erasure.Status != "running" || where != "/v1/erasures/"+erasure.ErasureID {
		t.Errorf("%+v at %q", erasure, where)
	}
	f.requireProblem(f.do("GET", "/v1/customers/C%201", f.admin(), ""), 404, "not-found")
	if n := f.count(`select count(*) from book.users where loyalty_id = 'C 1'`) + f.count(`select count(*) from book.sessions`); n != 0 {
		t.Error("the member can still sign in")
	}
	if again := f.readErasure(f.requireStatus(f.do("DELETE", "/v1/customers/C%201", f.admin(), ""), 202)); again != erasure {
		t.Errorf("asked again: %+v, want %+v", again, erasure)
	}

	f.exec(`update book.erasures set step = 'waiting for 2 tickets on the way to the ledger'`)
	if now := f.readErasure(f.requireStatus(f.do("GET", where, f.admin(), ""), 200)); now.Step != "waiting for 2 tickets on the way to the ledger" {
		t.Errorf("%+v", now)
	}
	f.exec(`update book.erasures set state = 'done', loyalty_id = null, finished_at = now()`)
	done := f.readErasure(f.requireStatus(f.do("DELETE", "/v1/customers/C%201", f.admin(), ""), 202))
	if done.Status != "done" || done.ErasureID != erasure.ErasureID {
		t.Errorf("asked again when it is done: %+v", done)
	}
	f.requireStatus(f.put("/v1/customers/C%201", `{}`), 201)
	if anew := f.readErasure(f.requireStatus(f.do("DELETE", "/v1/customers/C%201", f.admin(), ""), 202)); anew.ErasureID == erasure.ErasureID {
		t.Error("a member who came again was not forgotten again")
	}
}

func TestDeleteCustomerNobodyKnows(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.requireProblem(f.do("DELETE", "/v1/customers/C1", f.admin(), ""), 404, "not-found")
	f.requireProblem(f.do("DELETE", "/v1/customers/C1", f.store("S1"), ""), 403, "forbidden")
	f.requireProblem(f.do("GET", "/v1/erasures/nonsense", f.admin(), ""), 404, "not-found")
	f.requireProblem(f.do("GET", "/v1/erasures/1b4e28ba-2fa1-41d2-883f-0016d3cca427", f.admin(), ""), 404, "not-found")
	f.registerStores("S1")
	known := newSale(func(s *sale) { s.member = "C1" })
	f.requireStatus(f.postTicket(f.store("S1"), known.id, known.json()), 201)
	f.requireStatus(f.do("DELETE", "/v1/customers/C1", f.admin(), ""), 202) // known by a ticket alone
}

func TestErasuresAreListedWithoutNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for n := range 3 {
		f.requireStatus(f.put(fmt.Sprintf("/v1/customers/canary-%d", n), `{}`), 201)
		f.requireStatus(f.do("DELETE", fmt.Sprintf("/v1/customers/canary-%d", n), f.admin(), ""), 202)
	}
	seen := make(map[string]bool)
	for path := "/v1/erasures?limit=2"; path != ""; {
		a := f.requireStatus(f.do("GET", path, f.admin(), ""), http.StatusOK)
		var page struct {
			Items      []erasureAnswer
			NextCursor *string
		}
		if err := json.Unmarshal(a.body, &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			seen[item.ErasureID] = true
		}
		path = ""
		if page.NextCursor != nil {
			path = "/v1/erasures?limit=2&cursor=" + *page.NextCursor
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d erasures listed, want 3", len(seen))
	}
}
