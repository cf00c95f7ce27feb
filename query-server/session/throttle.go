package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// How many passwords may be wrong in a window. A user's own limit is per address, so that nobody can lock somebody out
// from elsewhere; the one over all addresses only slows a search that comes from many. The counters are in the database:
// several servers count together, and a restart forgives nothing. An address makes few of them before it has to wait.
const (
	window           = 15 * time.Minute
	perUserAtAddress = 10
	perUser          = 100
	perAddress       = 100
)

// throttle names the counters.
type throttle struct{ secret []byte }

func (t throttle) limits(username, address string) []hotstate.SignInLimit {
	return []hotstate.SignInLimit{
		{Counter: t.counter("both", username, address), Most: perUserAtAddress},
		{Counter: t.counter("user", username), Most: perUser},
		{Counter: t.counter("address", address), Most: perAddress},
	}
}

func (t throttle) counter(parts ...string) [32]byte {
	h := hmac.New(sha256.New, t.secret)
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0}) // which is in none of them
	}
	return [32]byte(h.Sum(nil))
}
