package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func (f *fixture) put(path, body string) answer {
	f.Helper()
	return f.do("PUT", path, f.admin(), body)
}

func (f *fixture) requireJSON(a answer, status int, want string) {
	f.Helper()
	if got := strings.TrimSpace(string(a.body)); a.StatusCode != status || got != want {
		f.Errorf("got  %d %s\nwant %d %s", a.StatusCode, got, status, want)
	}
}

func TestPutStore(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.requireJSON(f.put("/v1/stores/S1", `{"name":"One"}`), 201,
		`{"storeId":"S1","name":"One","retailerId":"main","timeZone":"UTC"}`)
	f.requireJSON(f.put("/v1/stores/S1", `{"name":"One"}`), 200,
		`{"storeId":"S1","name":"One","retailerId":"main","timeZone":"UTC"}`)
	f.requireJSON(f.put("/v1/stores/S1", `{"storeId":"S1","name":"Uno","timeZone":"Europe/Madrid","currencyCode":"EUR"}`), 200,
		`{"storeId":"S1","name":"Uno","retailerId":"main","timeZone":"Europe/Madrid","currencyCode":"EUR"}`)
	f.requireJSON(f.do("GET", "/v1/stores/S1", f.admin(), ""), 200,
		`{"storeId":"S1","name":"Uno","retailerId":"main","timeZone":"Europe/Madrid","currencyCode":"EUR"}`)
	f.requireProblem(f.put("/v1/stores/S1", `{"name":"One","retailerId":"other"}`), 409, "retailer-fixed")
	f.requireProblem(f.do("GET", "/v1/stores/S2", f.admin(), ""), 404, "not-found")
}

// Ids hold spaces, slashes, dots and percent signs, and come back as they were.
func TestIDsInPaths(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, id := range []string{"a b", "a/b", "a/../b", "..", "%2F", "a+b", "ä€😀", "//", "?x=1#y", `"quoted"`} {
		path := "/v1/stores/" + url.PathEscape(id)
		if id == ".." {
			path = "/v1/stores/%2E%2E" // what a client must send, lest it be taken for the folder above
		}
		a := f.put(path, `{"name":"N"}`)
		var store struct{ StoreID string }
		if err := json.Unmarshal(a.body, &store); err != nil || a.StatusCode != 201 || store.StoreID != id {
			t.Errorf("%q: %d %s", id, a.StatusCode, a.body)
		}
		if a := f.do("GET", path, f.admin(), ""); a.StatusCode != 200 {
			t.Errorf("%q cannot be got: %d %s", id, a.StatusCode, a.body)
		}
	}
}

func TestBadRegistrations(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	long := strings.Repeat("x", 65)
	for _, c := range []struct{ path, body, pointer, rule string }{
		{"/v1/stores/S1", `{}`, "/name", "required"},
		{"/v1/stores/S1", `{"name":null}`, "/name", "required"},
		{"/v1/stores/S1", `null`, "/name", "required"},
		{"/v1/stores/S1", `{"name":1}`, "/name", "type"},
		{"/v1/stores/S1", `{"name":"a","nmae":"b"}`, "/nmae", "unknown-field"},
		{"/v1/stores/S1", `{"name":"a\u0000"}`, "/name", "pattern"},
		{"/v1/stores/S1", `{"name":"a","storeId":"S2"}`, "/storeId", "other-id"},
		{"/v1/stores/S1", `{"name":"a","timeZone":"Mars/Base"}`, "/timeZone", "time-zone"},
		{"/v1/stores/S1", `{"name":"a","timeZone":"../../etc/passwd"}`, "/timeZone", "time-zone"},
		{"/v1/stores/S1", `{"name":"a","currencyCode":"XXX"}`, "/currencyCode", "currency"},
		{"/v1/stores/S1", `{"name":"` + strings.Repeat("x", 257) + `"}`, "/name", "max-length"},
		{"/v1/stores/" + long, `{"name":"a"}`, "/storeId", "max-length"},
		{"/v1/stores/%01", `{"name":"a"}`, "/storeId", "pattern"},
		{"/v1/manufacturers/P1", `{"name":"a","gs1Prefixes":["400"]}`, "/gs1Prefixes/0", "gs1-prefix"},
		{"/v1/manufacturers/P1", `{"name":"a","gs1Prefixes":["4000","20001"]}`, "/gs1Prefixes/1", "gs1-prefix"},
		{"/v1/manufacturers/P1", `{"name":"a","gs1Prefixes":"4000"}`, "/gs1Prefixes", "type"},
		{"/v1/products/A", `{"gtin":"4006381333932"}`, "/gtin", "gtin-check-digit"},
		{"/v1/products/A", `{"gtin":"123"}`, "/gtin", "gtin"},
		{"/v1/products/A", `{"manufacturerId":"P9"}`, "/manufacturerId", "unknown-manufacturer"},
		{"/v1/products/A", `{"ownedFrom":"2026-02-30"}`, "/ownedFrom", "date"},
		{"/v1/products/A", `{"ownedFrom":"0000-02-01"}`, "/ownedFrom", "date"},
	} {
		p := f.requireProblem(f.put(c.path, c.body), 422, "invalid")
		if len(p.Errors) != 1 || p.Errors[0].Pointer != c.pointer || p.Errors[0].Rule != c.rule || p.Errors[0].Detail == "" {
			t.Errorf("%s %s: %+v", c.path, c.body, p.Errors)
		}
	}
	for _, body := range []string{"", "{", `{"name":"a"`, `{"name":"a","name":"b"}`, `{"name":"a"} x`, "{\"name\":\"\xff\"}"} {
		f.requireProblem(f.put("/v1/stores/S1", body), 400, "malformed")
	}
	f.requireProblem(f.put("/v1/stores/S1", `{"name":"`+strings.Repeat("x", 70_000)+`"}`), 413, "too-large")
	f.requireProblem(f.put("/v1/stores/%00", `{"name":"a"}`), 404, "not-found")
	f.requireProblem(f.put("/v1/stores/%ff", `{"name":"a"}`), 404, "not-found")
	if n := f.count("select count(*) from book.stores"); n != 0 {
		t.Errorf("%d stores were registered", n)
	}
}

func TestRegistrationsAreForAdmins(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, c := range []struct{ method, path string }{
		{"PUT", "/v1/stores/S1"}, {"GET", "/v1/stores"}, {"GET", "/v1/customers/M1"}, {"PUT", "/v1/users/u"},
		{"POST", "/v1/registrations/products"}, {"POST", "/v1/stores/S1/keys"}, {"GET", "/v1/stores/S1/keys"},
		{"DELETE", "/v1/stores/S1/keys/" + "6f1c7a53-0b3e-4f2c-9a55-3f1d0a8f4b11"},
	} {
		f.requireProblem(f.do(c.method, c.path, f.store("S1"), "{}"), 403, "forbidden")
		f.requireProblem(f.do(c.method, c.path, "", "{}"), 401, "unauthorized")
	}
}

func TestManufacturerPrefixes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.requireJSON(f.put("/v1/manufacturers/P1", `{"name":"One","gs1Prefixes":["40063","4006","4006"]}`), 201,
		`{"manufacturerId":"P1","name":"One","gs1Prefixes":["4006","40063"]}`)
	p := f.requireProblem(f.put("/v1/manufacturers/P2", `{"name":"Two","gs1Prefixes":["4007","4006"]}`), 409, "prefix-held")
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/gs1Prefixes/1" || !strings.Contains(p.Detail, `"P1"`) {
		t.Errorf("%+v", p)
	}
	f.requireProblem(f.do("GET", "/v1/manufacturers/P2", f.admin(), ""), 404, "not-found")
	f.requireStatus(f.put("/v1/manufacturers/P1", `{"name":"One","gs1Prefixes":["40063"]}`), 200)
	f.requireStatus(f.put("/v1/manufacturers/P2", `{"name":"Two","gs1Prefixes":["4006"]}`), 201)
	f.requireJSON(f.put("/v1/manufacturers/P2", `{"name":"Two"}`), 200, `{"manufacturerId":"P2","name":"Two","gs1Prefixes":[]}`)

	// Each taking and each giving up is noted for the projector, and what changes nothing is not.
	if n := f.count("select count(*) from book.ownership_changes where prefix = '4006'"); n != 4 {
		t.Errorf("%d changes of 4006", n)
	}
	f.requireStatus(f.put("/v1/manufacturers/P1", `{"name":"Renamed","gs1Prefixes":["40063"]}`), 200)
	if n := f.count("select count(*) from book.ownership_changes where prefix = '40063'"); n != 1 {
		t.Errorf("%d changes of 40063", n)
	}
}

func TestProductOwnership(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("/v1/manufacturers/P1", `{"name":"One"}`)
	f.put("/v1/manufacturers/P2", `{"name":"Two"}`)
	today := time.Now().UTC().Format(time.DateOnly)
	product := func(owner, from string) string {
		return fmt.Sprintf(`{"retailerId":"main","itemId":"A","manufacturerId":%q,"ownedFrom":%q}`, owner, from)
	}
	changes := 0
	requireChange := func(did bool) {
		t.Helper()
		if did {
			changes++
		}
		if n := f.count("select count(*) from book.ownership_changes where (retailer_id, item_id) = ('main', 'A')"); n != changes {
			t.Errorf("%d changes noted, want %d", n, changes)
		}
	}
	f.requireJSON(f.put("/v1/products/A", `{"manufacturerId":"P1"}`), 201, product("P1", "0001-01-01"))
	requireChange(true)
	f.requireJSON(f.put("/v1/products/A", `{"manufacturerId":"P1"}`), 200, product("P1", "0001-01-01"))
	requireChange(false)
	f.requireJSON(f.put("/v1/products/A", `{"manufacturerId":"P2"}`), 200, product("P2", today))
	requireChange(true)
	f.requireJSON(f.put("/v1/products/A", `{"manufacturerId":"P2"}`), 200, product("P2", today))
	requireChange(false)
	f.requireJSON(f.put("/v1/products/A", `{"manufacturerId":"P2","ownedFrom":"2020-05-01"}`), 200, product("P2", "2020-05-01"))
	requireChange(true)
	f.requireJSON(f.put("/v1/products/A", `{}`), 200, `{"retailerId":"main","itemId":"A"}`)
	requireChange(true)
	history := f.count(`select count(*) from book.product_owners where (owned_from, manufacturer_id) in
		(('0001-01-01', 'P1'), ('2020-05-01', 'P2'), ($1::date, ''))`, today)
	if history != 3 || f.count("select count(*) from book.product_owners") != 3 {
		t.Error("the history of owners is not P1, P2 since 2020-05-01, nobody since today")
	}
	// A GTIN is brought to 14 digits; it may pass the product to whom its prefix belongs.
	f.requireJSON(f.put("/v1/products/A", `{"gtin":"4006381333931"}`), 200,
		`{"retailerId":"main","itemId":"A","gtin":"04006381333931"}`)
	requireChange(true)
}

// An item id means nothing outside its retailer.
func TestProductsOfRetailers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.requireStatus(f.put("/v1/products/A", `{"description":"ours"}`), 201)
	f.requireStatus(f.put("/v1/products/A", `{"description":"theirs","retailerId":"other"}`), 201)
	f.requireJSON(f.do("GET", "/v1/products/A", f.admin(), ""), 200,
		`{"retailerId":"main","itemId":"A","description":"ours"}`)
	f.requireJSON(f.do("GET", "/v1/products/A?retailerId=other", f.admin(), ""), 200,
		`{"retailerId":"other","itemId":"A","description":"theirs"}`)
	f.requireJSON(f.do("GET", "/v1/products?retailerId=other", f.admin(), ""), 200,
		`{"items":[{"retailerId":"other","itemId":"A","description":"theirs"}],"nextCursor":null}`)
}

func TestListsAndCursors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 7 {
		f.put(fmt.Sprintf("/v1/customers/M%d", i), fmt.Sprintf(`{"name":"Member 100%%_%d"}`, i))
		f.put(fmt.Sprintf("/v1/products/A%d", i), `{}`)
	}
	for _, kind := range []string{"customers", "products"} {
		seen, path := map[string]bool{}, "/v1/"+kind+"?limit=3"
		for pages := 0; ; pages++ {
			var page struct {
				Items      []struct{ LoyaltyID, ItemID string }
				NextCursor *string
			}
			a := f.requireStatus(f.do("GET", path, f.admin(), ""), 200)
			if err := json.Unmarshal(a.body, &page); err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				seen[item.LoyaltyID+item.ItemID] = true
			}
			if page.NextCursor == nil {
				if pages != 2 {
					t.Errorf("%s: the last page is number %d", kind, pages+1)
				}
				break
			}
			path = "/v1/" + kind + "?limit=3&cursor=" + url.QueryEscape(*page.NextCursor)
		}
		if len(seen) != 7 {
			t.Errorf("%s: saw %v", kind, seen)
		}
	}
	f.requireJSON(f.do("GET", "/v1/customers?search="+url.QueryEscape("MEMBER 100%_4"), f.admin(), ""), 200,
		`{"items":[{"loyaltyId":"M4","name":"Member 100%_4"}],"nextCursor":null}`)
	f.requireJSON(f.do("GET", "/v1/customers?search=nobody", f.admin(), ""), 200, `{"items":[],"nextCursor":null}`)
	for _, query := range []string{"limit=0", "limit=1001", "limit=x", "limit=1e3", "cursor=x", "cursor=bnVsbA", "cursor=WyJcdTAwMDAiXQ",
		"search=%00", "search=%ff", "search=%"} {
		f.requireProblem(f.do("GET", "/v1/customers?"+query, f.admin(), ""), 400, "parameter")
	}
}

// registerFile sends a file of registrations and gives the lines that were refused, and the summary.
func (f *fixture) registerFile(kind, body string) (refused []fileLine, summary map[string]int) {
	f.Helper()
	a := f.requireStatus(f.do("POST", "/v1/registrations/"+kind, f.admin(), body), 200)
	refused, _ = f.readLines(bytes.NewReader(a.body))
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	var last struct{ Summary map[string]int }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Summary == nil {
		f.Fatalf("no summary: %s", lines[len(lines)-1])
	}
	return refused, last.Summary
}

func (f *fixture) requireCounts(summary map[string]int, created, changed, unchanged, rejected int) {
	f.Helper()
	want := map[string]int{"created": created, "changed": changed, "unchanged": unchanged, "rejected": rejected,
		"accepted": created + changed + unchanged}
	if fmt.Sprint(summary) != fmt.Sprint(want) {
		f.Errorf("summary %v, want %v", summary, want)
	}
}

func TestRegistrationFile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	refused, summary := f.registerFile("manufacturers", strings.Join([]string{
		`{"manufacturerId":"P1","name":"One","gs1Prefixes":["4006"]}`,
		`{"manufacturerId":"P2","name":"Two","gs1Prefixes":["4006"]}`, // 2: held since the line above
		`{"manufacturerId":"P1","name":"One"}`,                        // 3: gives it up
		`{"manufacturerId":"P2","name":"Two","gs1Prefixes":["4006"]}`, // 4: takes it
		``,
		`{"manufacturerId":"P3"`, // 6
		`{"name":"Nobody"}`,      // 7
		`{"manufacturerId":"P1","name":"One"}`,
	}, "\n"))
	if got, want := statuses(refused), "2:rejected 6:rejected 7:rejected"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p := refused[0].Problem; p == nil || p.Status != 409 || p.Errors[0].Rule != "prefix-held" {
		t.Errorf("line 2: %+v", p)
	}
	if p := refused[2].Problem; p == nil || p.Status != 422 || p.Errors[0].Pointer != "/manufacturerId" {
		t.Errorf("line 7: %+v", p)
	}
	f.requireCounts(summary, 2, 1, 1, 3)
	if n := f.count("select count(*) from book.manufacturer_prefixes where (prefix, manufacturer_id) = ('4006', 'P2')"); n != 1 {
		t.Error("the prefix did not pass from P1 to P2")
	}
}

func TestRegistrationFileOfThousandsAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("/v1/manufacturers/P1", `{"name":"One"}`)
	const n = 12_345
	var file strings.Builder
	for i := range n {
		fmt.Fprintf(&file, `{"itemId":"%d","description":"Item %d","manufacturerId":"P1"}`+"\n", i, i)
	}
	_, summary := f.registerFile("products", file.String())
	f.requireCounts(summary, n, 0, 0, 0)
	_, summary = f.registerFile("products", file.String())
	f.requireCounts(summary, 0, 0, n, 0)
	if f.count("select count(*) from book.product_owners") != n || f.count("select count(*) from book.ownership_changes") != n {
		t.Error("the owners are not those of the file, or the second time changed something")
	}
	_, summary = f.registerFile("customers", "")
	f.requireCounts(summary, 0, 0, 0, 0)
	f.requireProblem(f.do("POST", "/v1/registrations/shops", f.admin(), ""), http.StatusNotFound, "not-found")
}

func TestPutUser(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const password = "correct horse"
	f.requireJSON(f.put("/v1/users/till%20one", `{"role":"store","password":"`+password+`","storeIds":["S1","S2"]}`), 201,
		`{"username":"till one","role":"store","storeIds":["S1","S2"]}`)
	if f.count("select count(*) from book.users where username = 'till one' and password_hash like '$argon2id$%'") != 1 {
		t.Error("the password is not kept as an argon2id hash")
	}
	before := f.count("select xmin::text::bigint from book.users") // PostgreSQL's version of the row
	f.requireStatus(f.put("/v1/users/till%20one", `{"role":"store","password":"`+password+`","storeIds":["S1","S2"]}`), 200)
	if f.count("select xmin::text::bigint from book.users") != before {
		t.Error("the same again changed the user, which ends its sessions")
	}
	f.requireStatus(f.put("/v1/users/till%20one", `{"role":"store","password":"`+password+`","retailerId":"main"}`), 200)
	for _, good := range []string{
		`{"role":"admin","password":"12345678"}`, `{"role":"auditor","password":"12345678"}`,
		`{"role":"customer","password":"12345678","loyaltyId":"M1"}`,
		`{"role":"manufacturer","password":"12345678","manufacturerId":"P1"}`,
	} {
		if a := f.put("/v1/users/u", good); a.StatusCode != 201 && a.StatusCode != 200 {
			t.Errorf("%s: %d %s", good, a.StatusCode, a.body)
		}
	}
	many := `"S"` + strings.Repeat(`,"S"`, 50)
	for bad, pointer := range map[string]string{
		`{"role":"boss","password":"12345678"}`:                                             "/role",
		`{"role":"admin","password":"1234567"}`:                                             "/password",
		`{"role":"admin"}`:                                                                  "/password",
		`{"role":"admin","password":"12345678","loyaltyId":"M1"}`:                           "/loyaltyId",
		`{"role":"store","password":"12345678"}`:                                            "/storeIds",
		`{"role":"store","password":"12345678","storeIds":[]}`:                              "/storeIds",
		`{"role":"store","password":"12345678","storeIds":["S1"],"retailerId":"main"}`:      "/retailerId",
		`{"role":"store","password":"12345678","storeIds":["S1",""]}`:                       "/storeIds/1",
		`{"role":"store","password":"12345678","storeIds":[` + many + `]}`:                  "/storeIds",
		`{"role":"customer","password":"12345678","storeIds":["S1"],"loyaltyId":"M1"}`:      "/storeIds",
		`{"role":"manufacturer","password":"12345678"}`:                                     "/manufacturerId",
		`{"role":"customer","password":"12345678","loyaltyId":"M\u0007"}`:                   "/loyaltyId",
		`{"role":"customer","password":"12345678","loyaltyId":"M1","username":"other"}`:     "/username",
		`{"role":"customer","password":"12345678","loyaltyId":"M1","passwordHash":"other"}`: "/passwordHash",
	} {
		p := f.requireProblem(f.put("/v1/users/v", bad), 422, "invalid")
		if len(p.Errors) != 1 || p.Errors[0].Pointer != pointer {
			t.Errorf("%s: %+v", bad, p.Errors)
		}
	}
	if strings.Contains(f.log.String(), password) || strings.Contains(f.log.String(), "till one") {
		t.Error("the log holds a password or a user's name")
	}
}

func TestTillKeys(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2")
	f.requireProblem(f.do("POST", "/v1/stores/S3/keys", f.admin(), ""), 404, "not-found")
	a := f.requireStatus(f.do("POST", "/v1/stores/S1/keys", f.admin(), ""), 201)
	var made struct{ Key, KeyID string }
	if err := json.Unmarshal(a.body, &made); err != nil || !strings.HasPrefix(made.Key, "tpk_") {
		t.Fatalf("%s", a.body)
	}
	if f.count("select count(*) from book.till_keys where position($1::bytea in key_hash) > 0", []byte(made.Key)) != 0 {
		t.Error("the key itself is kept")
	}
	a = f.requireStatus(f.do("GET", "/v1/stores/S1/keys", f.admin(), ""), 200)
	if !bytes.Contains(a.body, []byte(made.KeyID)) || bytes.Contains(a.body, []byte("tpk_")) {
		t.Errorf("the list: %s", a.body)
	}
	f.requireProblem(f.do("GET", "/v1/stores/S3/keys", f.admin(), ""), 404, "not-found")
	f.requireProblem(f.do("DELETE", "/v1/stores/S2/keys/"+made.KeyID, f.admin(), ""), 404, "not-found")
	f.requireProblem(f.do("DELETE", "/v1/stores/S1/keys/nonsense", f.admin(), ""), 404, "not-found")
	f.requireStatus(f.do("DELETE", "/v1/stores/S1/keys/"+made.KeyID, f.admin(), ""), 204)
	f.requireStatus(f.do("DELETE", "/v1/stores/S1/keys/"+made.KeyID, f.admin(), ""), 204)
	f.requireProblem(f.do("GET", "/v1/tickets/"+newSale(nil).id, made.Key, ""), 401, "unauthorized")
}
