package api_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/query-server/api"
)

type signedIn struct {
	AccessToken, RefreshToken, Role, Username string
	ExpiresIn                                 int
}

func (s *testServer) signIn(username, password string) answer {
	s.t.Helper()
	return s.do("POST", "/v1/sessions", `{"username":"`+username+`","password":"`+password+`"}`)
}

func (s *testServer) refresh(token string) answer {
	s.t.Helper()
	return s.do("POST", "/v1/sessions/refresh", `{"refreshToken":"`+token+`"}`)
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	got := decode[signedIn](t, s.signIn("maker-1", goodPassword))
	if got.Role != "manufacturer" || got.ExpiresIn != 900 || got.AccessToken == "" || got.RefreshToken == "" {
		t.Errorf("signed in: %+v", got)
	}
	if sales := s.do("GET", "/v1/sales", "", "Authorization", "Bearer "+got.AccessToken); sales.StatusCode != 200 {
		t.Errorf("the token does not work: %s", sales.body)
	}

	wrong, unknown := s.signIn("maker-1", "wrong"), s.signIn("nobody", goodPassword)
	if wrong.StatusCode != 401 || wrong.body != unknown.body || wrong.StatusCode != unknown.StatusCode {
		t.Errorf("a wrong password and an unknown user differ:\n%d %s%d %s", wrong.StatusCode, wrong.body, unknown.StatusCode, unknown.body)
	}
	if wrong.Header.Get("Cache-Control") != "no-store" {
		t.Error("an answer about passwords may be cached")
	}
	for body, status := range map[string]int{
		``: 415, `{`: 400, `[]`: 400, `{"username":"a","password":1}`: 400, `{"user":"a"}`: 400, `{"username":"a","password":"b"} x`: 400,
		`{"username":"` + strings.Repeat("x", 9000) + `"}`: 413, `{"username":"a\u0000b","password":"b"}`: 401,
		`{"username":"` + strings.Repeat("x", 300) + `","password":"b"}`: 401,
	} {
		if got := s.do("POST", "/v1/sessions", body); got.StatusCode != status {
			t.Errorf("%.40s: %d, want %d\n%s", body, got.StatusCode, status, got.body)
		}
	}
	if log := s.log.String(); strings.Contains(log, goodPassword) || strings.Contains(log, "maker-1") {
		t.Error("the log names users or passwords")
	}
}

func TestRefreshTokensAreForOneUse(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	first := decode[signedIn](t, s.signIn("customer-a", goodPassword))
	second := decode[signedIn](t, s.refresh(first.RefreshToken))
	if second.RefreshToken == first.RefreshToken {
		t.Error("the refresh token did not change")
	}
	third := decode[signedIn](t, s.refresh(second.RefreshToken))

	// A copy of the second one turns up: the session ends, also for its last, unused token.
	if again := s.refresh(second.RefreshToken); again.StatusCode != 401 {
		t.Errorf("a used refresh token: %d", again.StatusCode)
	}
	if last := s.refresh(third.RefreshToken); last.StatusCode != 401 {
		t.Errorf("after a reuse the session goes on: %d", last.StatusCode)
	}
	for _, bad := range []string{"", "x", third.AccessToken, strings.Repeat("A", 43)} {
		if got := s.refresh(bad); got.StatusCode != 401 {
			t.Errorf("refresh token %.10q: %d", bad, got.StatusCode)
		}
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	ends := func(name string, end func(session signedIn)) {
		session := decode[signedIn](t, s.signIn("customer-a", goodPassword))
		end(session)
		if got := s.refresh(session.RefreshToken); got.StatusCode != 401 {
			t.Errorf("%s: the session goes on (%d)", name, got.StatusCode)
		}
	}
	sql := func(sql string) {
		if _, err := s.db.Owner.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	ends("by signing out", func(session signedIn) {
		if got := s.do("DELETE", "/v1/sessions", "", "Authorization", "Bearer "+session.AccessToken); got.StatusCode != 204 {
			t.Errorf("sign out: %d", got.StatusCode)
		}
	})
	ends("by time unused", func(signedIn) { sql(`update book.refresh_tokens set expires_at = now()`) })
	ends("by time altogether", func(signedIn) { sql(`update book.sessions set ends_at = now()`) })
	ends("by a change of the user", func(signedIn) { sql(`update book.users set changed_at = now()`) })
	sql(`update book.users set changed_at = now() - interval '1 day'`)
	ends("with the user", func(signedIn) { sql(`delete from book.users where username = 'customer-a'`) })
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	session := decode[signedIn](t, s.signIn("customer-a", goodPassword))
	change := func(body string) answer {
		return s.do("PUT", "/v1/password", body, "Authorization", "Bearer "+session.AccessToken)
	}
	for body, status := range map[string]int{
		`{"currentPassword":"wrong","newPassword":"a new long one"}`:        422,
		`{"currentPassword":"` + goodPassword + `","newPassword":"short"}`:  422,
		`{"currentPassword":"` + goodPassword + `"}`:                        422,
		`{"current":"` + goodPassword + `","newPassword":"a new long one"}`: 400,
	} {
		if got := change(body); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", body, got.StatusCode, status)
		}
	}
	changed := decode[signedIn](t, change(`{"currentPassword":"`+goodPassword+`","newPassword":"a new long one"}`))
	if got := s.refresh(session.RefreshToken); got.StatusCode != 401 {
		t.Errorf("the old session goes on: %d", got.StatusCode)
	}
	if got := s.refresh(changed.RefreshToken); got.StatusCode != 200 {
		t.Errorf("the new session does not go on: %d %s", got.StatusCode, got.body)
	}
	if got := s.signIn("customer-a", goodPassword); got.StatusCode != 401 {
		t.Errorf("the old password still works: %d", got.StatusCode)
	}
	if got := s.signIn("customer-a", "a new long one"); got.StatusCode != 200 {
		t.Errorf("the new password does not work: %d", got.StatusCode)
	}
}

func TestManyWrongPasswordsHaveToWait(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	var last answer
	for range 11 {
		last = s.signIn("customer-a", "wrong")
	}
	if last.StatusCode != 429 || last.Header.Get("Retry-After") == "" {
		t.Errorf("after ten wrong passwords: %d", last.StatusCode)
	}
	if got := s.signIn("customer-a", goodPassword); got.StatusCode != 429 {
		t.Errorf("the right one after ten wrong ones: %d", got.StatusCode)
	}
	if got := s.signIn("customer-b", goodPassword); got.StatusCode != 200 {
		t.Errorf("another user has to wait too: %d", got.StatusCode)
	}
	if _, err := s.db.Owner.Exec(t.Context(), `update book.sign_in_attempts set ends_at = now()`); err != nil {
		t.Fatal(err)
	}
	if got := s.signIn("customer-a", goodPassword); got.StatusCode != 200 {
		t.Errorf("a quarter of an hour later: %d", got.StatusCode)
	}
	for range 20 {
		if got := s.signIn("customer-b", goodPassword); got.StatusCode != 200 {
			t.Fatalf("right passwords are counted: %d", got.StatusCode)
		}
	}
}

// Whoever opens the page first is nobody, and nothing goes wrong by it.
func TestWhoAmI(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for name, test := range map[string]struct {
		headers []string
		status  int
		want    string
	}{
		"nobody":              {nil, 200, `{"role":null,"username":null,"expiresIn":0,"renewable":false}`},
		"an old cookie":       {[]string{"Cookie", "tillproof-access=x"}, 200, `{"role":null,"username":null,"expiresIn":0,"renewable":false}`},
		"a session to resume": {[]string{"Cookie", "tillproof-refresh=x"}, 200, `{"role":null,"username":null,"expiresIn":0,"renewable":true}`},
		"a token":             {[]string{"Authorization", "Bearer " + s.bearer("north")}, 200, `"role":"store","username":"north"`},
		"a bad token":         {[]string{"Authorization", "Bearer x"}, 401, ""},
	} {
		got := s.do("GET", "/v1/sessions", "", test.headers...)
		if got.StatusCode != test.status || !strings.Contains(got.body, test.want) {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.body)
		}
	}
}

// The page's way: everything in cookies that scripts cannot read, and only from our own origin.
func TestCookieMode(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	s.Client().Jar, _ = cookiejar.New(nil)
	body := `{"username":"customer-a","password":"` + goodPassword + `"}`
	for _, origin := range []string{"", "null", "http://evil.example", "https://" + s.Listener.Addr().String()} {
		if got := s.do("POST", "/v1/sessions?cookie=1", body, "Origin", origin); got.StatusCode != 403 {
			t.Errorf("sign in from origin %q: %d", origin, got.StatusCode)
		}
	}
	in := s.do("POST", "/v1/sessions?cookie=1", body, "Origin", s.URL)
	if got := decode[signedIn](t, in); got.AccessToken != "" || got.RefreshToken != "" || got.Role != "customer" {
		t.Errorf("the page got %+v", got)
	}
	for _, cookie := range in.Cookies() {
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("cookie %+v", cookie)
		}
	}
	if who := decode[signedIn](t, s.do("GET", "/v1/sessions", "")); who.Username != "customer-a" || who.Role != "customer" {
		t.Errorf("who am I: %+v", who)
	}
	if got := s.do("GET", "/v1/points", ""); got.StatusCode != 200 {
		t.Errorf("points by cookie: %d", got.StatusCode)
	}
	if got := s.do("POST", "/v1/sessions/refresh", "", "Origin", "http://evil.example"); got.StatusCode != 403 {
		t.Errorf("refresh from elsewhere: %d", got.StatusCode)
	}
	if got := s.do("POST", "/v1/sessions/refresh", "", "Origin", s.URL); got.StatusCode != 200 || strings.Contains(got.body, "oken") {
		t.Errorf("refresh by cookie: %d %s", got.StatusCode, got.body)
	}
	if got := s.do("DELETE", "/v1/sessions", "", "Origin", "http://evil.example"); got.StatusCode != 403 {
		t.Errorf("sign out from elsewhere: %d", got.StatusCode)
	}
	if got := s.do("DELETE", "/v1/sessions", "", "Origin", s.URL); got.StatusCode != 204 {
		t.Errorf("sign out: %d", got.StatusCode)
	}
	if got := s.do("GET", "/v1/points", ""); got.StatusCode != 401 {
		t.Errorf("signed out, and still there: %d", got.StatusCode)
	}
}

// Reached over https, the cookies bear the prefix with which browsers insist on where they come from.
func TestCookiesOverHTTPS(t *testing.T) {
	t.Parallel()
	public := &url.URL{Scheme: "https", Host: "shop.example"}
	s := newServer(t, "http://127.0.0.1:1", func(o *api.Options) { o.PublicURL = public })
	body := `{"username":"customer-a","password":"` + goodPassword + `"}`
	if got := s.do("POST", "/v1/sessions?cookie=1", body, "Origin", "http://shop.example"); got.StatusCode != 403 {
		t.Errorf("from the same host over http: %d", got.StatusCode)
	}
	in := s.do("POST", "/v1/sessions?cookie=1", body, "Origin", public.String())
	if len(in.Cookies()) != 2 {
		t.Fatalf("cookies %v", in.Cookies())
	}
	for _, cookie := range in.Cookies() {
		if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || !cookie.HttpOnly || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("cookie %+v", cookie)
		}
		plain := strings.TrimPrefix(cookie.Name, "__Host-")
		if got := s.do("GET", "/v1/points", "", "Cookie", plain+"="+cookie.Value); got.StatusCode != 401 {
			t.Errorf("without the prefix: %d", got.StatusCode)
		}
	}
	access := in.Cookies()[0]
	if got := s.do("GET", "/v1/points", "", "Cookie", access.Name+"="+access.Value); got.StatusCode != 200 {
		t.Errorf("with the cookie: %d", got.StatusCode)
	}
}
