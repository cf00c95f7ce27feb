package api

import (
	"net/http"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/collector/registration"
)

// putUser registers a user. The answer is the user without its password.
func (s *Server) putUser(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	body, err := readBody(w, r, maxRow)
	if err != nil {
		return err
	}
	var user registration.User
	if p := readRow(body, &user); p != nil {
		return p
	}
	username := pathValue(r, "username")
	if user.Username != "" && user.Username != username {
		return problem.Invalid(problem.Field{Pointer: "/username", Rule: "other-id", Detail: "is not the name of the path"})
	}
	user.Username = username
	if p := registration.CheckUser(&user); p != nil {
		return p
	}
	change, err := s.Registrations.PutUser(r.Context(), user)
	if err != nil {
		return err
	}
	user.Password = ""
	return writeJSON(w, statusOf(change), user)
}
