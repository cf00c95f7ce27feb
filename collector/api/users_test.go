package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// list gives a page of a list, and the answer as it came.
func (f *fixture) list(path string) (items []map[string]any, next string, body string) {
	f.Helper()
	a := f.requireStatus(f.do("GET", path, f.admin(), ""), http.StatusOK)
	var page struct {
		Items      []map[string]any
		NextCursor string
	}
	if err := json.Unmarshal(a.body, &page); err != nil {
		f.Fatal(err)
	}
	return page.Items, page.NextCursor, string(a.body)
}

func (f *fixture) names(path string) string {
	f.Helper()
	items, _, _ := f.list(path)
	var names []string
	for _, item := range items {
		names = append(names, fmt.Sprint(item["username"]))
	}
	return strings.Join(names, " ")
}

// Each kind of registration is found again by its id and by a part of its name.
func TestWhatIsRegisteredIsFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for path, row := range map[string]string{
		"stores/S%2F1":      `{"storeId":"S/1","name":"Harbour","retailerId":"main","timeZone":"Europe/Lisbon","currencyCode":"EUR"}`,
		"manufacturers/M 1": `{"manufacturerId":"M 1","name":"Harbour Mills","gs1Prefixes":["4006"]}`,
		"customers/L1":      `{"loyaltyId":"L1","name":"Harbour"}`,
		"products/A":        `{"retailerId":"main","itemId":"A","description":"Harbour salt"}`,
	} {
		path = "/v1/" + strings.ReplaceAll(path, " ", "%20")
		f.requireJSON(f.put(path, row), http.StatusCreated, row)
		f.requireJSON(f.do("GET", path, f.admin(), ""), http.StatusOK, row)
		kind := path[:strings.LastIndex(path, "/")]
		f.requireJSON(f.do("GET", kind+"?search=hARBOUR", f.admin(), ""), http.StatusOK, `{"items":[`+row+`],"nextCursor":null}`)
		f.requireJSON(f.do("GET", kind+"?search=harbor", f.admin(), ""), http.StatusOK, `{"items":[],"nextCursor":null}`)
	}
	_, summary := f.registerFile("stores", `{"storeId":"S/1","name":"Harbour"}`+"\n"+`{"storeId":"S2","name":"Quay"}`)
	f.requireCounts(summary, 1, 1, 0, 0)
}

func TestUsersAreListedWithoutTheirPasswords(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("/v1/users/clerk", `{"role":"store","password":"correct horse","storeIds":["S1","S 2"]}`)
	f.put("/v1/users/office", `{"role":"store","password":"correct horse","retailerId":"main"}`)
	f.put("/v1/users/maker", `{"role":"manufacturer","password":"correct horse","manufacturerId":"M%1"}`)
	f.put("/v1/users/ann", `{"role":"customer","password":"correct horse","loyaltyId":"L-7"}`)
	for search, want := range map[string]string{
		"": "ann clerk maker office", "ER": "ann clerk maker", "store": "clerk office", "s 2": "clerk", "m%1": "maker", "l-7": "ann", "nobody": "", "%": "maker", "argon2": "",
	} {
		if got := f.names("/v1/users?search=" + url.QueryEscape(search)); got != want {
			t.Errorf("%q finds %q, not %q", search, got, want)
		}
	}
	_, next, body := f.list("/v1/users?limit=3")
	if got := f.names("/v1/users?limit=3&cursor=" + next); got != "office" {
		t.Errorf("the second page has %q", got)
	}
	one := f.requireStatus(f.do("GET", "/v1/users/clerk", f.admin(), ""), http.StatusOK)
	for _, text := range []string{body, string(one.body)} {
		if strings.Contains(strings.ToLower(text), "password") || strings.Contains(text, "argon2") {
			t.Errorf("an answer tells of passwords: %s", text)
		}
	}
	f.requireJSON(one, http.StatusOK, `{"username":"clerk","role":"store","storeIds":["S1","S 2"]}`)
	f.requireProblem(f.do("GET", "/v1/users/nobody", f.admin(), ""), http.StatusNotFound, "not-found")
	for _, role := range []string{"store", "customer", "manufacturer", "auditor"} {
		other := f.token(jwt.MapClaims{"role": role, "storeIds": []string{"S1"}, "loyaltyId": "L-7", "manufacturerId": "M%1"})
		for _, path := range []string{"/v1/users", "/v1/users/ann", "/v1/keys"} {
			f.requireProblem(f.do("GET", path, other, ""), http.StatusForbidden, "forbidden")
		}
	}
}

func TestKeysOfAllStores(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2", "T/1")
	for _, store := range []string{"S1", "S2", "S2", "T%2F1"} {
		f.requireStatus(f.do("POST", "/v1/stores/"+store+"/keys", f.admin(), ""), http.StatusCreated)
	}
	stores := func(path string) string {
		items, _, body := f.list(path)
		if strings.Contains(body, "tpk_") {
			t.Errorf("a list shows keys: %s", body)
		}
		var names []string
		for _, item := range items {
			names = append(names, fmt.Sprint(item["storeId"]))
		}
		return strings.Join(names, " ")
	}
	for path, want := range map[string]string{
		"/v1/keys": "S1 S2 S2 T/1", "/v1/keys?search=t%2F": "T/1", "/v1/stores/S2/keys": "S2 S2", "/v1/stores/S2/keys?search=S1": "",
	} {
		if got := stores(path); got != want {
			t.Errorf("%s lists %q, not %q", path, got, want)
		}
	}
	var paged []string
	cursor := ""
	for range 4 {
		items, next, _ := f.list("/v1/keys?limit=1" + cursor)
		paged = append(paged, fmt.Sprint(items[0]["keyId"]))
		cursor = "&cursor=" + next
	}
	all, _, _ := f.list("/v1/keys")
	for i, item := range all {
		if paged[i] != item["keyId"] {
			t.Errorf("page by page there is %v, not %v", paged[i], item["keyId"])
		}
	}
	id := fmt.Sprint(all[0]["keyId"])
	if got := stores("/v1/keys?search=" + id[:13]); got != "S1" {
		t.Errorf("a key looked for by its id is of %q", got)
	}
}
