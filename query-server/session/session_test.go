package session

import (
	"errors"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/hotstate/password"
)

// A user who does not exist costs exactly the work of a wrong password: one hash with the same parameters. Time is not
// measured, since the hash is what takes it.
func TestUnknownUserCostsTheSameWork(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	known := hotstate.User{Username: "known", Role: hotstate.RoleAuditor, PasswordHash: password.Hash("correct horse")}
	if err := hotstate.UpsertUser(t.Context(), db.Collector, known); err != nil {
		t.Fatal(err)
	}
	s := newTestService(t, db, t.TempDir())
	work := func(username, secret string) (checked []string) {
		t.Helper()
		s.verify = func(hash, given string) (bool, error) {
			right, err := password.Verify(hash, given)
			parameters := strings.Split(hash, "$")
			checked = append(checked, strings.Join(parameters[:4], "$")+" "+given)
			if len(parameters) != 6 || err != nil {
				t.Errorf("%s is checked against %q: %v", username, hash, err)
			}
			return right, err
		}
		_, err := s.SignIn(t.Context(), username, secret, "address")
		if !errors.Is(err, ErrCredentials) || err.Error() != ErrCredentials.Error() {
			t.Errorf("%s: %v", username, err)
		}
		return checked
	}
	wrong, unknown := work("known", "wrong"), work("unknown", "wrong")
	if len(wrong) != 1 || len(unknown) != 1 || wrong[0] != unknown[0] {
		t.Errorf("a wrong password costs %q, an unknown user %q", wrong, unknown)
	}
	// Not even whoever knows the decoy's password gets in by a name that does not exist.
	s.decoy = password.Hash("decoy")
	if checked := work("unknown", "decoy"); len(checked) != 1 {
		t.Errorf("an unknown user costs %q", checked)
	}
}
