package api

import (
	"net/http"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/hotstate"
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

func (s *Server) getUser(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	user, err := hotstate.UserByName(r.Context(), s.Pool, pathValue(r, "username"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, registered(user))
}

func (s *Server) listUsers(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	list := func(r *http.Request, page hotstate.Page) ([]registration.User, error) {
		users, err := hotstate.ListUsers(r.Context(), s.Pool, page)
		var rows []registration.User
		for _, user := range users {
			rows = append(rows, registered(user))
		}
		return rows, err
	}
	return writePage(w, r, list, func(user registration.User) []string { return []string{user.Username} })
}

// registered is a user as an answer has it: nothing of the password.
func registered(user hotstate.User) registration.User {
	return registration.User{
		Username: user.Username, Role: user.Role, StoreIDs: user.StoreIDs,
		RetailerID: user.RetailerID, ManufacturerID: user.ManufacturerID, LoyaltyID: user.LoyaltyID,
	}
}
