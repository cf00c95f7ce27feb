package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/token"
)

// caller is who makes the request, by the verified token.
func caller(r *http.Request) token.Claims {
	return r.Context().Value(callerKey).(token.Claims)
}

// authenticated lets callers of these roles through. Nothing but the token says who calls.
func (s *server) authenticated(roles []string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		claims, _, err := s.authenticate(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if !slices.Contains(roles, claims.Role) {
			s.fail(w, r, forbidden)
			return
		}
		w.Header().Add("Vary", "Authorization, Cookie")
		next(w, r.WithContext(context.WithValue(r.Context(), callerKey, claims)))
	}
}

// authenticate finds and verifies the request's token: the Authorization header, else the page's cookie.
func (s *server) authenticate(r *http.Request) (claims token.Claims, text string, err error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, bearer, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return token.Claims{}, "", unauthorized
		}
		text = strings.TrimSpace(bearer)
	} else {
		cookie, err := r.Cookie(s.cookieName(accessCookie))
		if err != nil {
			return token.Claims{}, "", unauthorized
		}
		if !s.sameOrigin(r) {
			return token.Claims{}, "", crossOrigin
		}
		text = cookie.Value
	}
	claims, err = s.Issuer.Verify(text)
	if err != nil && s.OpenID != nil && r.Header.Get("Authorization") != "" {
		claims, text, err = s.external(r.Context(), text)
	}
	if err != nil {
		return token.Claims{}, "", unauthorized // why it is bad helps only those who forge
	}
	return claims, text, nil
}

// external verifies a token of the external provider, and gives one of ours in its place: the collector knows no other.
func (s *server) external(ctx context.Context, text string) (token.Claims, string, error) {
	claims, err := s.OpenID.Verify(ctx, text)
	if err != nil {
		return token.Claims{}, "", err
	}
	own, err := s.Issuer.Sign(hotstate.Login{Username: claims.Subject, Actor: claims.Actor()}, "")
	return claims, own, err
}

// refuse answers a request that authenticate did not let pass.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="tillproof"`)
	s.fail(w, r, err)
}

// sameOrigin reports whether a request that the browser adds its cookie to comes from our own page. Reading is safe:
// SameSite=Strict keeps the cookie at home, and no other origin is allowed to see an answer.
func (s *server) sameOrigin(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == s.PublicURL.Scheme+"://"+s.PublicURL.Host {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Scheme == s.PublicURL.Scheme && u.Host == r.Host
}
