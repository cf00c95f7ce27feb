package hotstate_test

import (
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// Whoever changes a user ends what was begun with the old password and role, and nobody else's sessions.
func TestChangedUserIsSignedOut(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	user := hotstate.User{Username: "ann", Role: "customer", PasswordHash: "$argon2id$1", LoyaltyID: "C1"}
	other := hotstate.User{Username: "bea", Role: "customer", PasswordHash: "$argon2id$1", LoyaltyID: "C2"}
	for i, u := range []hotstate.User{user, other} {
		if err := hotstate.UpsertUser(t.Context(), db.Collector, u); err != nil {
			t.Fatal(err)
		}
		id := "00000000-0000-4000-8000-00000000000" + string(rune(48+i))
		if err := hotstate.BeginSession(t.Context(), db.Owner, id, u.Username, time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := hotstate.AddRefreshToken(t.Context(), db.Owner, id, append(make([]byte, 31), byte(i)), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	user.PasswordHash = "$argon2id$2"
	if err := hotstate.UpsertUser(t.Context(), db.Collector, user); err != nil {
		t.Fatal(err)
	}
	var sessions, tokens string
	err := db.Owner.QueryRow(t.Context(), `
		select (select string_agg(username, ',') from book.sessions),
		       (select string_agg(username, ',') from book.refresh_tokens join book.sessions using (session_id))`).
		Scan(&sessions, &tokens)
	if err != nil || sessions != "bea" || tokens != "bea" {
		t.Errorf("sessions of %q, refresh tokens of %q, %v; want bea's only", sessions, tokens, err)
	}
}
