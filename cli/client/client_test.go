package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestEndpoint(t *testing.T) {
	for base, want := range map[string]string{
		"http://127.0.0.1:8080":            "http://127.0.0.1:8080/v1/x",
		"http://127.0.0.1:8080/":           "http://127.0.0.1:8080/v1/x",
		"https://tills.example/collector/": "https://tills.example/collector/v1/x",
		"127.0.0.1:8080":                   "",
		"ftp://127.0.0.1":                  "",
		"http://":                          "",
		"":                                 "",
		"http://me:hunter2@127.0.0.1":      "",
		"http://127.0.0.1/?a=b":            "",
	} {
		got, err := Endpoint(base, "/v1/x")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", base, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is shown: %v", err)
		}
	}
}

func TestCredentialComesFromTheEnvironment(t *testing.T) {
	for _, test := range []struct {
		token, username, password string
		want                      string // part of the error; none if empty
	}{
		{token: "tpk_1"},
		{token: "tpk_1", username: "x"}, // the token wins
		{username: "store-1", password: "secret"},
		{want: "TILLPROOF_TOKEN"},
		{username: "store-1", want: "together"},
		{password: "secret", want: "together"},
		{token: "se cret\n", want: "characters"},
	} {
		_, err := NewCredential(NewHTTP(), test.token, "http://127.0.0.1:1", test.username, test.password)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v", test, err)
		}
		if err != nil && strings.Contains(err.Error(), "cret\n") {
			t.Errorf("the credential is shown: %v", err)
		}
	}
}

// loginServer hands out numbered tokens to store-1.
func loginServer(t *testing.T, expiresIn int) (*httptest.Server, *int) {
	logins := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var login struct{ Username, Password string }
		if err := json.NewDecoder(r.Body).Decode(&login); err != nil || r.URL.Path != "/v1/sessions" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if login.Username != "store-1" || login.Password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		logins++
		fmt.Fprintf(w, `{"accessToken":"token-%d","expiresIn":%d,"refreshToken":"r","role":"store"}`, logins, expiresIn)
	}))
	t.Cleanup(server.Close)
	return server, &logins
}

func TestSessionIsRenewedBeforeItEnds(t *testing.T) {
	server, logins := loginServer(t, 900)
	session, err := NewSession(NewHTTP(), server.URL, "store-1", "secret")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	session.now = func() time.Time { return now }
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{0, "token-1"}, {10 * time.Minute, "token-1"}, {4*time.Minute + time.Second, "token-2"}, {time.Hour, "token-3"},
	} {
		now = now.Add(step.after)
		if token, err := session.Token(t.Context()); token != step.want || err != nil {
			t.Errorf("after %s: %q, %v; want %s", step.after, token, err, step.want)
		}
	}
	if err := session.Renew(t.Context()); err != nil || *logins != 4 {
		t.Errorf("renewed on demand: %v, %d logins", err, *logins)
	}
}

func TestShortLivedTokenIsStillUsed(t *testing.T) {
	server, logins := loginServer(t, 30)
	session, err := NewSession(NewHTTP(), server.URL, "store-1", "secret")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := session.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if *logins != 1 {
		t.Errorf("%d logins for three uses within half a token's life", *logins)
	}
}

// A refused login must not look like a token that could be renewed.
func TestRefusedLoginNamesTheSettings(t *testing.T) {
	server, _ := loginServer(t, 900)
	session, err := NewSession(NewHTTP(), server.URL, "store-1", "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	_, err = session.Token(t.Context())
	if _, is := errors.AsType[*StatusError](err); err == nil || is ||
		!strings.Contains(err.Error(), "TILLPROOF_PASSWORD") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}

func TestCredentialDoesNotFollowARedirect(t *testing.T) {
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	session, err := NewSession(NewHTTP(), server.URL, "store-1", "secret")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.Token(t.Context()); err == nil || reached {
		t.Errorf("followed: %t, error %v", reached, err)
	}
}

func TestProblemIsReadFromAResponse(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0,
		"Mon, 05 Jan 2026 09:00:30 GMT": 30 * time.Second, "Mon, 05 Jan 2026 08:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("Retry-After %q: %s, want %s", header, got, want)
		}
	}
	for body, want := range map[string]string{
		`{"title":"no","detail":"the reason"}`: "the reason",
		`{"title":"only a title"}`:             "only a title",
		`<html>proxy</html>`:                   "503 Service Unavailable",
	} {
		recorder := httptest.NewRecorder()
		recorder.WriteHeader(http.StatusServiceUnavailable)
		recorder.WriteString(body)
		if err := ReadStatusError(recorder.Result()); !strings.Contains(err.Error(), want) || !err.Temporary() {
			t.Errorf("%s: %v", body, err)
		}
	}
	for problem, want := range map[string]Problem{
		"conflict": {Type: "urn:tillproof:problem:conflict"}, "too-large": {Type: "https://tillproof.example/problems/too-large"},
		"Not Found": {Type: "about:blank", Title: "Not Found"},
	} {
		if got := want.Rule(); got != problem {
			t.Errorf("%+v: rule %q", want, got)
		}
	}
}

func TestInClear(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080": false, "http://127.3.2.1": false, "http://[::1]:8080": false, "http://localhost:8080": false,
		"https://tills.example": false, "http://tills.example": true, "http://192.0.2.7:8080": true, "http://localhost.example": true,
	} {
		if got := InClear(address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}
