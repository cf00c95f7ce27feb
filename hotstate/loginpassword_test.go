package hotstate_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// The verifier we send must be the one that PostgreSQL itself makes of the password.
func TestScramVerifierIsPostgreSQLs(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	role := temporaryRole(t, db)
	const password = `it's "printable" $1 \ %s`
	exec(t, db, "set password_encryption = 'scram-sha-256'; alter role "+role+" password 'it''s \"printable\" $1 \\ %s'")

	theirs := storedVerifier(t, db, role)
	iterations, salt := parseVerifier(t, theirs)
	ours, err := hotstate.ScramVerifier(password, salt, iterations)
	if err != nil || ours != theirs {
		t.Errorf("ours   %s (%v)\ntheirs %s", ours, err, theirs)
	}
}

func TestSetLoginPassword(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	role := temporaryRole(t, db)
	if err := hotstate.SetLoginPassword(t.Context(), db.URL, role, "one password"); err != nil {
		t.Fatal(err)
	}
	stored := storedVerifier(t, db, role)
	iterations, salt := parseVerifier(t, stored)
	if want, _ := hotstate.ScramVerifier("one password", salt, iterations); stored != want {
		t.Error("the stored verifier is not the password's")
	}
	for _, bad := range []string{"", "schön", "a\nb"} {
		if err := hotstate.SetLoginPassword(t.Context(), db.URL, role, bad); err == nil {
			t.Errorf("password %q was accepted", bad)
		}
	}
}

func temporaryRole(t *testing.T, db *hotstatetest.Database) string {
	t.Helper()
	suffix := make([]byte, 8)
	rand.Read(suffix)
	role := "tillproof_test_role_" + hex.EncodeToString(suffix)
	exec(t, db, "create role "+role)
	t.Cleanup(func() {
		ctx := context.Background() // the test's own has ended
		conn, err := pgx.Connect(ctx, db.URL)
		if err == nil {
			defer conn.Close(ctx)
			_, err = conn.Exec(ctx, "drop role "+role)
		}
		if err != nil {
			t.Errorf("drop %s: %v", role, err)
		}
	})
	return role
}

func storedVerifier(t *testing.T, db *hotstatetest.Database, role string) (verifier string) {
	t.Helper()
	err := db.Owner.QueryRow(t.Context(), "select rolpassword from pg_authid where rolname = $1", role).Scan(&verifier)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func parseVerifier(t *testing.T, verifier string) (iterations int, salt []byte) {
	t.Helper()
	fields := strings.Split(verifier, "$")
	count, saltText, _ := strings.Cut(fields[1], ":")
	iterations, err := strconv.Atoi(count)
	if err != nil {
		t.Fatal(err)
	}
	salt, err = base64.StdEncoding.DecodeString(saltText)
	if err != nil {
		t.Fatal(err)
	}
	return iterations, salt
}
