package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// hostile are bodies that no handler may stumble over. What PostgreSQL, a decoder or a handler cannot bear is in many of
// them; %s stands for a field that the route knows.
var hostile = map[string]string{
	"nothing":               ``,
	"blanks":                " \r\n\t ",
	"a byte order mark":     "\ufeff{}",
	"no JSON":               `ticket`,
	"half an object":        `{"%s":`,
	"two objects":           `{}{}`,
	"trailing garbage":      `{} x`,
	"a trailing comma":      `{"%s":1,}`,
	"a comment":             `{} // x`,
	"single quotes":         `{'%s':1}`,
	"null":                  `null`,
	"a null field":          `{"%s":null}`,
	"a list":                `[]`,
	"a number":              `1`,
	"a text":                `"x"`,
	"NaN":                   `{"%s":NaN}`,
	"infinity":              `{"%s":-Infinity}`,
	"a huge number":         `{"%s":1e999999999}`,
	"many digits":           `{"%s":` + strings.Repeat("9", 40_000) + `}`,
	"a fraction":            `{"%s":0.5}`,
	"minus zero":            `{"%s":-0}`,
	"a negative number":     `{"%s":-9223372036854775808}`,
	"beyond 64 bits":        `{"%s":9223372036854775808}`,
	"an octal number":       `{"%s":0123}`,
	"true":                  `{"%s":true}`,
	"a list in a field":     `{"%s":[[[{}]]]}`,
	"an object in a field":  `{"%s":{"%[1]s":{}}}`,
	"a repeated field":      `{"%s":"a","%[1]s":"b"}`,
	"another case":          `{"%s":"a","%[1]S":"b"}`,
	"an unknown field":      `{"x":1}`,
	"a name like ours":      `{"__proto__":{"%s":"x"}}`,
	"an empty name":         `{"":"x"}`,
	"a NUL":                 `{"%s":"a\u0000b"}`,
	"a raw NUL":             "{\"%s\":\"a\x00b\"}",
	"a control character":   "{\"%s\":\"a\x01b\"}",
	"a lone surrogate":      `{"%s":"\ud800"}`,
	"a reversed pair":       `{"%s":"\udc00\ud800"}`,
	"invalid UTF-8":         "{\"%s\":\"\xff\xfe\"}",
	"overlong UTF-8":        "{\"%s\":\"\xc0\xaf\"}",
	"a bad escape":          `{"%s":"\x"}`,
	"an empty text":         `{"%s":""}`,
	"blanks in a text":      `{"%s":"   "}`,
	"right to left":         "{\"%s\":\"\u202etxet\"}",
	"SQL":                   `{"%s":"'); drop table book.tickets; --"}`,
	"a long text":           `{"%s":"` + strings.Repeat("x", 60_000) + `"}`,
	"nested lists":          strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000),
	"nested objects":        strings.Repeat(`{"%s":`, 5_000) + "1" + strings.Repeat("}", 5_000),
	"nested without an end": strings.Repeat(`[`, 60_000),
	"more than is read":     `{"%s":"` + strings.Repeat("x", 2<<20) + `"}`,
}

// Whatever is sent to whichever path that reads JSON, the answer says what is wrong with it: never a fault of ours.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	f.requireStatus(f.do("PUT", "/v1/customers/M1", f.admin(), `{}`), http.StatusCreated)
	customer := f.token(map[string]any{"role": "customer", "loyaltyId": "M1"})
	for _, route := range []struct {
		method, path, token string
		fields              []string
	}{
		{"POST", "/v1/tickets", f.store("S1"), []string{"transactionId", "storeId", "sequenceNumber", "lineItems", "totals", "tenders", "endDateTime"}},
		{"POST", "/v1/ticket-files", f.store("S1"), []string{"storeId", "lineItems"}},
		{"POST", "/v1/redemptions", f.store("S1"), []string{"memberCode", "points", "storeId"}},
		{"POST", "/v1/transfers", customer, []string{"toLoyaltyId", "points"}},
		{"PUT", "/v1/stores/S1", f.admin(), []string{"storeId", "name", "retailerId", "timeZone", "currencyCode"}},
		{"PUT", "/v1/manufacturers/P1", f.admin(), []string{"name", "gs1Prefixes"}},
		{"PUT", "/v1/customers/M1", f.admin(), []string{"loyaltyId", "name"}},
		{"PUT", "/v1/products/A", f.admin(), []string{"itemId", "description", "gtin", "manufacturerId", "retailerId"}},
		{"PUT", "/v1/users/u", f.admin(), []string{"role", "password", "storeIds", "retailerId", "manufacturerId", "loyaltyId"}},
		{"PUT", "/v1/programme", f.admin(), []string{"effectiveFrom", "currencyCode"}},
		{"POST", "/v1/registrations/stores", f.admin(), []string{"storeId", "name"}},
		{"POST", "/v1/registrations/manufacturers", f.admin(), []string{"manufacturerId", "gs1Prefixes"}},
		{"POST", "/v1/registrations/customers", f.admin(), []string{"loyaltyId", "name"}},
		{"POST", "/v1/registrations/products", f.admin(), []string{"itemId", "gtin"}},
	} {
		for name, body := range hostile {
			for _, field := range route.fields {
				text := strings.ReplaceAll(strings.ReplaceAll(body, "%[1]S", strings.ToUpper(field)), "%[1]s", field)
				text = strings.ReplaceAll(text, "%s", field)
				a := f.do(route.method, route.path, route.token, text, "Idempotency-Key", uuid.NewString())
				if a.StatusCode >= 500 {
					t.Errorf("%s %s, %s in %s: %d %s", route.method, route.path, name, field, a.StatusCode, a.body)
				}
				if text == body {
					break // it has no field
				}
			}
		}
	}
	if strings.Contains(f.log.String(), `"msg":"panic"`) {
		t.Errorf("a handler panicked: %s", f.log)
	}
}

// Ids and parameters in the address are as little to be trusted.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	customer := f.token(map[string]any{"role": "customer", "loyaltyId": "M1"})
	for _, id := range []string{"%00", "%ff", "%c0%af", "..%2f..%2fetc", "%2e%2e", "a%2fb", "%20", "'%3b--", strings.Repeat("x", 8_000),
		"00000000-0000-0000-0000-000000000000", "%F0%9F%92%A9", "-1", "null", "%25s%25n"} {
		for _, path := range []struct{ method, path, token string }{
			{"GET", "/v1/tickets/" + id, f.store("S1")},
			{"GET", "/v1/redemptions/" + id, f.store("S1")},
			{"POST", "/v1/redemptions/" + id + "/capture", f.store("S1")},
			{"POST", "/v1/redemptions/" + id + "/release", f.store("S1")},
			{"GET", "/v1/transfers/" + id, customer},
			{"GET", "/v1/stores/" + id, f.admin()},
			{"PUT", "/v1/stores/" + id, f.admin()},
			{"GET", "/v1/manufacturers/" + id, f.admin()},
			{"GET", "/v1/customers/" + id, f.admin()},
			{"GET", "/v1/products/" + id, f.admin()},
			{"PUT", "/v1/users/" + id, f.admin()},
			{"POST", "/v1/stores/" + id + "/keys", f.admin()},
			{"GET", "/v1/stores/" + id + "/keys", f.admin()},
			{"DELETE", "/v1/stores/S1/keys/" + id, f.admin()},
			{"GET", "/v1/stores?limit=" + id, f.admin()},
			{"GET", "/v1/stores?cursor=" + id, f.admin()},
			{"GET", "/v1/products?search=" + id, f.admin()},
			{"GET", "/v1/customers?" + id + "=" + id, f.admin()},
		} {
			a := f.do(path.method, path.path, path.token, `{"name":"N"}`)
			if a.StatusCode >= 500 {
				t.Errorf("%s %.80s: %d %s", path.method, path.path, a.StatusCode, a.body)
			}
		}
	}
}

// Headers that no client of ours sends.
func TestHostileHeaders(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	for _, token := range []string{"x", "tpk_", "tpk_" + strings.Repeat("ÿ", 43), "..", "a.b.c", strings.Repeat("a", 60_000),
		"eyJhbGciOiJub25lIn0.e30.", f.store("S1") + "."} {
		if a := f.do("GET", "/v1/tickets/"+uuid.NewString(), token, ""); a.StatusCode != http.StatusUnauthorized && a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("token %.40q: %d %s", token, a.StatusCode, a.body)
		}
	}
	for _, encoding := range []string{"gzip, gzip", "deflate", "gzip;q=1", "\t", "ZSTD", "identity, zstd"} {
		for _, path := range []string{"/v1/ticket-files", "/v1/tickets", "/v1/registrations/stores"} {
			token := f.store("S1")
			if strings.Contains(path, "registrations") {
				token = f.admin()
			}
			a := f.do("POST", path, token, newSale(nil).json(), "Content-Encoding", encoding, "Idempotency-Key", uuid.NewString())
			if a.StatusCode >= 500 {
				t.Errorf("%s as %q: %d %s", path, encoding, a.StatusCode, a.body)
			}
		}
	}
	for _, id := range []string{strings.Repeat("x", 65), "a b", "ü", "<b>", "1"} {
		a := f.do("GET", "/healthz", "", "", "X-Request-Id", id)
		if got := a.Header.Get("X-Request-Id"); got == "" || got != id && len(got) != 36 {
			t.Errorf("X-Request-Id %q comes back as %q", id, got)
		}
	}
}
