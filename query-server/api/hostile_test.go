package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// What somebody might put where a value is expected.
var hostile = []string{
	"", " ", "'", `"`, `\`, "' or true --", "'; drop table view.tickets; --", `" or ""="`, "1 union select password_hash from book.users",
	"$1", "{}", "{a,b}", `{"a"}`, "%", "_", "%00", "\x00", "\xff\xfe", "a\r\nSet-Cookie: x=y", "a\nb", "../../etc/passwd", "..", "/", "//", "<script>", "${x}", "{{x}}",
	"0", "-1", "1e9", "NaN", "Infinity", "9223372036854775808", "99999999999999999999999999", "0x10", "1,2", "null", "true",
	"2024-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "2024-01-01T00:00:00Z", "infinity", "-infinity", "epoch",
	"a", "b", "X1", "S2", "m1", "m2", hotstatetest.TroubleStore, "other", "*", "product,store,day,month",
	strings.Repeat("a", 5000), strings.Repeat("ä", 65), "\u202e", "\u0000", "\U000e0041", "ſ", "００",
}

// What an answer must not tell: the database's words, Go's, or a path.
var leaks = regexp.MustCompile(`(?i)SQLSTATE|\bpgx\b|pgconn|syntax error|goroutine \d|panic|\.go:\d|postgres|/query-server/|/root/|password_hash|\$argon2`)

func (s *testServer) harmless(method, user, path string, headers ...string) {
	s.t.Helper()
	if user != "" {
		headers = append(headers, "Authorization", "Bearer "+s.bearer(user))
	}
	request, err := http.NewRequest(method, s.URL, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.URL.Opaque = path // as it stands
	for i := 0; i < len(headers); i += 2 {
		request.Header[headers[i]] = []string{headers[i+1]}
	}
	response, err := s.Client().Transport.RoundTrip(request)
	if err != nil {
		return // net/http sends no such header
	}
	defer response.Body.Close()
	s.checkDescribed(response, nil)
	body := make([]byte, 64<<10)
	n, _ := response.Body.Read(body)
	if response.StatusCode >= 500 {
		s.t.Errorf("%s %.200q as %s, %.200q: %d %s", method, path, user, headers, response.StatusCode, body[:n])
	}
	if found := leaks.Find(body[:n]); found != nil && !strings.Contains(path, "openapi") {
		s.t.Errorf("%s %.200q as %s tells of %s: %s", method, path, user, found, body[:n])
	}
	if response.Header.Get("Set-Cookie") != "" && !strings.Contains(path, "/v1/sessions") {
		s.t.Errorf("%s %.200q sets a cookie: %v", method, path, response.Header)
	}
}

// Every parameter of every call, in the query and in the path, with every hostile value. Nothing above 4xx, nothing told.
func TestHostileParameters(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	askers := []string{"customer-a", "north", "chain", "maker-1", "auditor"}
	for path, parameters := range describedParameters(t) {
		for _, parameter := range parameters {
			for i, value := range hostile {
				asked := path + "?" + parameter + "=" + url.QueryEscape(value)
				if strings.Contains(path, "{"+parameter+"}") {
					asked = strings.Replace(path, "{"+parameter+"}", url.PathEscape(value), 1)
				}
				s.harmless("GET", askers[i%len(askers)], asked)
			}
			for _, encoded := range []string{"%", "%zz", "%c3%28", "&&&=", ";"} {
				s.harmless("GET", "auditor", path+"?"+parameter+"="+encoded)
			}
		}
	}
}

// describedParameters lists what each call that is for reading takes, by the published description.
func describedParameters(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]struct {
			Get *struct {
				Parameters []struct{ Name, In string }
			}
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	parameters := map[string][]string{}
	for path, calls := range document.Paths {
		if calls.Get == nil || path == "/v1/sales/stream" || path == "/metrics" {
			continue
		}
		parameters[path] = []string{"unknown"}
		for _, p := range calls.Get.Parameters {
			if p.In != "header" {
				parameters[path] = append(parameters[path], p.Name)
			}
		}
	}
	if len(parameters) < 10 {
		t.Fatalf("only %v", slices.Sorted(maps.Keys(parameters)))
	}
	return parameters
}

func TestHostileHeaders(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for _, name := range []string{"Authorization", "Cookie", "Accept", "Accept-Encoding", "If-None-Match", "Origin", "X-Request-Id",
		"X-Forwarded-For", "X-Role", "X-Store-Id", "Host", "Range", "Content-Type", "Traceparent"} {
		for _, value := range append([]string{"Bearer ", "Bearer .", "Bearer a.b.c", "Basic YTpi", "tillproof-access=" + strings.Repeat("x", 3000)}, hostile...) {
			user := "north"
			if name == "Authorization" {
				user = ""
			}
			s.harmless("GET", user, "/v1/sales?groupBy=store", name, value)
		}
	}
	for _, value := range hostile {
		if value == "0" || value == "-1" || value == "" {
			continue // good ones, and the stream would go on
		}
		s.harmless("GET", "north", "/v1/sales/stream", "Last-Event-ID", value)
	}
}

func TestHostileBodies(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	bodies := map[string]int{
		`{`: 400, `[]`: 400, `null`: 401, `""`: 400, `{"username":1,"password":"x"}`: 400, `{"username":"a","password":"b","role":"admin"}`: 400,
		`{"username":"a","password":"b"}{}`: 400, `{"username":"` + strings.Repeat("a", 9000) + `","password":"b"}`: 413,
		strings.Repeat("[", 5000): 400, `{"username":` + strings.Repeat(`{"a":`, 1000) + `1` + strings.Repeat("}", 1001): 400,
		"{\"username\":\"\xff\",\"password\":\"b\"}": 401, `{"username":"a\u0000","password":"b"}`: 401, `{"username":"' or true --","password":"b"}`: 401,
		`{"username":"north","password":"` + strings.Repeat("p", 5000) + `"}`: 401,
	}
	for body, want := range bodies {
		if got := s.do("POST", "/v1/sessions", body); got.StatusCode != want || leaks.MatchString(got.body) {
			t.Errorf("%.80q: %d, want %d\n%s", body, got.StatusCode, want, got.body)
		}
		for _, call := range []string{"POST /v1/sessions/refresh", "PUT /v1/password"} {
			method, path, _ := strings.Cut(call, " ")
			got := s.do(method, path, body, "Authorization", "Bearer "+s.bearer("north"))
			if got.StatusCode < 400 || got.StatusCode >= 500 || leaks.MatchString(got.body) {
				t.Errorf("%s %.80q: %d %s", call, body, got.StatusCode, got.body)
			}
		}
	}
}

// A cursor is ours, whole and unchanged, or it is refused.
func TestTamperedCursors(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for user, path := range map[string]string{
		"north": "/v1/tickets?limit=1", "maker-1": "/v1/sales?groupBy=product&limit=1", "customer-a": "/v1/points/entries?limit=1",
	} {
		cursor := decode[struct{ NextCursor string }](t, s.get(user, path)).NextCursor
		if s.ask("GET", user, path+"&cursor="+cursor) != 200 {
			t.Fatalf("%s: the cursor is no good", path)
		}
		for i := range cursor {
			letter := byte('A')
			if cursor[i] == 'A' {
				letter = 'B'
			}
			changed := cursor[:i] + string(letter) + cursor[i+1:]
			if i == len(cursor)-1 {
				continue // of the last letter some bits mean nothing
			}
			if got := s.ask("GET", user, path+"&cursor="+changed); got != 400 {
				t.Errorf("%s with letter %d changed: %d", path, i, got)
			}
		}
		for _, bad := range []string{cursor[1:], cursor[:len(cursor)-4], cursor + "AAAA", cursor + cursor, strings.Repeat("A", 4000)} {
			if got := s.ask("GET", user, path+"&cursor="+bad); got != 400 {
				t.Errorf("%s with %.40s…: %d", path, bad, got)
			}
		}
	}
}

// Fuzzing goes on where the table ends: go test ./api -fuzz FuzzQueries. By itself it runs its seeds.
func FuzzQueries(f *testing.F) {
	if os.Getenv(hotstatetest.EnvironmentVariable) == "" {
		f.Skipf("%s is not set", hotstatetest.EnvironmentVariable)
	}
	for i, value := range hostile[:20] {
		f.Add(uint8(i), fmt.Sprintf("from=%s&groupBy=store", url.QueryEscape(value)))
	}
	s := newServer(f, "http://127.0.0.1:1")
	paths := []string{"/v1/sales", "/v1/tickets", "/v1/stores/S2/days", "/v1/points/entries", "/v1/sales/lines", "/v1/reconciliation", "/v1/export"}
	names := slices.Sorted(maps.Keys(users))
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		s.t = t
		s.harmless("GET", names[int(which)/len(paths)%len(names)], paths[int(which)%len(paths)]+"?"+query)
	})
}
