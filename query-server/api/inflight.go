package api

import (
	"net/http"
	"sync"
)

// maxInFlight is how many requests of one user run at once, so that one cannot take the whole database from the others.
const maxInFlight = 16

var tooManyRequests = problem{Type: "too-many-requests", Title: "Too many requests at once", Status: http.StatusTooManyRequests,
	Detail: "You have 16 requests running. Wait for one of them, and try again."}

// inFlight counts running requests by user.
type inFlight struct {
	mu     sync.Mutex
	byUser map[string]int
}

// enter counts one more, unless there are too many.
func (f *inFlight) enter(user string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byUser[user] >= maxInFlight {
		return false
	}
	f.byUser[user]++
	return true
}

func (f *inFlight) leave(user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byUser[user]--; f.byUser[user] == 0 {
		delete(f.byUser, user)
	}
}

// limited is for requests of callers who are known. Streams have a limit of their own.
func (s *server) limited(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user := caller(r).Subject
		if !s.inFlight.enter(user) {
			w.Header().Set("Retry-After", "1")
			s.fail(w, r, tooManyRequests)
			return
		}
		defer s.inFlight.leave(user)
		next(w, r)
	}
}
