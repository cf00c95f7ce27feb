package api

import (
	"net/http"
	"time"

	"github.com/tillproof/tillproof/query-server/session"
)

// The page's two cookies. Scripts cannot read them, other sites cannot send them.
const (
	accessCookie  = "tillproof-access"
	refreshCookie = "tillproof-refresh"
)

// cookieName has the prefix __Host-, with which browsers insist on Secure, on Path=/ and on no Domain. Over plain HTTP,
// which is for the loopback address only, Secure is not to be had everywhere.
func (s *server) cookieName(name string) string {
	if s.secureCookies() {
		return "__Host-" + name
	}
	return name
}

func (s *server) secureCookies() bool { return s.PublicURL.Scheme == "https" }

func (s *server) setCookie(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	cookie := &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(lifetime.Seconds()),
		Secure: s.secureCookies(), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

func (s *server) setSession(w http.ResponseWriter, tokens session.Tokens) {
	s.setCookie(w, accessCookie, tokens.Access, tokens.ExpiresIn)
	s.setCookie(w, refreshCookie, tokens.Refresh, tokens.RefreshIn)
}

func (s *server) clearSession(w http.ResponseWriter) {
	s.setCookie(w, accessCookie, "", 0)
	s.setCookie(w, refreshCookie, "", 0)
}
