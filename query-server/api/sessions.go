package api

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/query-server/session"
)

const maxSessionBody = 8 << 10

// sessionAnswer is what a client gets that signed in. The page gets no tokens: they are in its cookies.
type sessionAnswer struct {
	AccessToken  string `json:"accessToken,omitempty"`
	ExpiresIn    int    `json:"expiresIn"` // seconds
	RefreshToken string `json:"refreshToken,omitempty"`
	Role         string `json:"role"`
	Username     string `json:"username"`
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if err := readBody(w, r, &body); err != nil {
		s.fail(w, r, err)
		return
	}
	if cookieMode(r) && !s.sameOrigin(r) {
		s.fail(w, r, crossOrigin)
		return
	}
	tokens, err := s.Sessions.SignIn(r.Context(), body.Username, body.Password, s.address(r))
	s.answerSession(w, r, tokens, err, cookieMode(r))
}

// refresh takes the refresh token from the body, or from the page's cookie when there is no body.
func (s *server) refresh(w http.ResponseWriter, r *http.Request) {
	var body struct {
		RefreshToken string `json:"refreshToken"`
	}
	cookie, err := r.Cookie(s.cookieName(refreshCookie))
	byCookie := err == nil && r.ContentLength == 0
	if byCookie {
		body.RefreshToken = cookie.Value
		if !s.sameOrigin(r) {
			s.fail(w, r, crossOrigin)
			return
		}
	} else if err := readBody(w, r, &body); err != nil {
		s.fail(w, r, err)
		return
	}
	tokens, err := s.Sessions.Refresh(r.Context(), body.RefreshToken)
	if byCookie && errors.Is(err, session.ErrRefresh) {
		s.clearSession(w)
	}
	s.answerSession(w, r, tokens, err, byCookie)
}

func (s *server) changePassword(w http.ResponseWriter, r *http.Request) {
	var body struct {
		CurrentPassword string `json:"currentPassword"`
		NewPassword     string `json:"newPassword"`
	}
	if err := readBody(w, r, &body); err != nil {
		s.fail(w, r, err)
		return
	}
	tokens, err := s.Sessions.ChangePassword(r.Context(), caller(r).Subject, body.CurrentPassword, body.NewPassword, s.address(r))
	if errors.Is(err, session.ErrCredentials) {
		// Signed in, and still wrong: 401 would send the client to sign in again.
		err = problem{Type: "wrong-password", Title: "Wrong password", Status: http.StatusUnprocessableEntity,
			Detail: "The current password is not this one.",
			Errors: []fieldError{{"/currentPassword", "password", "it is not the current password"}}}
	}
	s.answerSession(w, r, tokens, err, r.Header.Get("Authorization") == "")
}

// callerAnswer says who a request is from; nobody has no role.
type callerAnswer struct {
	Role      *string `json:"role"`
	Username  *string `json:"username"`
	ExpiresIn int     `json:"expiresIn"` // seconds
	Renewable bool    `json:"renewable"` // there is a refresh cookie, which may be good
}

// whoAmI lets the page, which cannot read its cookies, know whose they are. To be nobody is no error: the page asks before
// anyone has signed in. A bearer token that is no good is one.
func (s *server) whoAmI(w http.ResponseWriter, r *http.Request) {
	_, err := r.Cookie(s.cookieName(refreshCookie))
	answer := callerAnswer{Renewable: err == nil}
	claims, _, err := s.authenticate(r)
	switch {
	case err == nil:
		answer.Role, answer.Username = &claims.Role, &claims.Subject
		answer.ExpiresIn = int(math.Max(0, claims.ExpiresAt.Sub(s.Issuer.Now()).Seconds()))
	case r.Header.Get("Authorization") != "":
		s.refuse(w, r, err)
		return
	}
	w.Header().Add("Vary", "Authorization, Cookie")
	writeJSON(w, http.StatusOK, answer)
}

func (s *server) signOut(w http.ResponseWriter, r *http.Request) {
	if id := caller(r).SessionID; id != "" {
		if err := s.Sessions.End(r.Context(), id); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.clearSession(w)
	w.WriteHeader(http.StatusNoContent)
}

// jwks may be cached for a while, much shorter than a key is published before it signs.
func (s *server) jwks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	writeJSON(w, http.StatusOK, s.Issuer.Keys.JWKS())
}

func (s *server) answerSession(w http.ResponseWriter, r *http.Request, tokens session.Tokens, err error, byCookie bool) {
	w.Header().Set("Cache-Control", "no-store")
	s.metrics.signIns.WithLabelValues(outcome(err)).Inc()
	if err != nil {
		s.failSession(w, r, err)
		return
	}
	answer := sessionAnswer{ExpiresIn: int(tokens.ExpiresIn.Seconds()), Role: tokens.Role, Username: tokens.Username}
	if byCookie {
		s.setSession(w, tokens)
	} else {
		answer.AccessToken, answer.RefreshToken = tokens.Access, tokens.Refresh
	}
	writeJSON(w, http.StatusOK, answer)
}

func (s *server) failSession(w http.ResponseWriter, r *http.Request, err error) {
	var throttled *session.ThrottledError
	var weak *session.WeakPasswordError
	switch {
	case errors.Is(err, session.ErrCredentials):
		err = problem{Type: "credentials", Title: "Not signed in", Status: http.StatusUnauthorized, Detail: "User name or password is wrong."}
	case errors.Is(err, session.ErrRefresh):
		err = problem{Type: "refresh-token", Title: "Session over", Status: http.StatusUnauthorized, Detail: "This session has ended. Sign in again."}
	case errors.As(err, &weak):
		err = problem{Type: "weak-password", Title: "Password not taken", Status: http.StatusUnprocessableEntity, Detail: weak.Error() + ".",
			Errors: []fieldError{{"/newPassword", "password", weak.Error()}}}
	case errors.As(err, &throttled):
		seconds := int(math.Ceil(throttled.Wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		err = problem{Type: "too-many-attempts", Title: "Too many attempts", Status: http.StatusTooManyRequests,
			Detail: "Too many wrong passwords. Try again later."}
	}
	s.fail(w, r, err)
}

func outcome(err error) string {
	var throttled *session.ThrottledError
	var refused problem
	switch {
	case err == nil:
		return "success"
	case errors.Is(err, session.ErrCredentials), errors.Is(err, session.ErrRefresh), errors.As(err, &refused):
		return "refused"
	case errors.As(err, &throttled):
		return "throttled"
	}
	return "failed"
}

func cookieMode(r *http.Request) bool { return r.URL.Query().Get("cookie") == "1" }

// readBody reads a small JSON object, strictly: an unknown field is more likely a typo than a wish.
func readBody(w http.ResponseWriter, r *http.Request, body any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem{Type: "media-type", Title: "Not JSON", Status: http.StatusUnsupportedMediaType,
			Detail: "The body must be JSON, with Content-Type: application/json."}
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSessionBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return problem{Type: "too-large", Title: "Body too large", Status: http.StatusRequestEntityTooLarge, Detail: "The body is larger than 8 KiB."}
	}
	if err == nil {
		if _, more := decoder.Token(); more != io.EOF {
			err = errors.New("there is something after the object")
		}
	}
	if err != nil {
		return problem{Type: "bad-json", Title: "Bad body", Status: http.StatusBadRequest, Detail: explainJSON(err)}
	}
	return nil
}

// explainJSON says what is wrong, without a word of the body: a password may be in it.
func explainJSON(err error) string {
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return "The field " + wrongType.Field + " must be a " + wrongType.Type.String() + "."
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "The body has a field that is not known here: " + strings.TrimPrefix(err.Error(), "json: unknown field ") + "."
	}
	return "The body must be one JSON object, and is not."
}
