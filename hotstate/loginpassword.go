package hotstate

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const scramIterations = 4096 // PostgreSQL's own

// SetLoginPassword gives a login role its password. What is sent is the SCRAM-SHA-256 verifier (RFC 5803), not the
// password: a statement may end up in the server's log.
func SetLoginPassword(ctx context.Context, ownerURL, role, password string) error {
	if err := checkLoginPassword(password); err != nil {
		return fmt.Errorf("set the password of role %s: %w", role, err)
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	verifier, err := scramVerifier(password, salt, scramIterations)
	if err != nil {
		return fmt.Errorf("set the password of role %s: %w", role, err)
	}
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("set the password of role %s: %w", role, err)
	}
	defer conn.Close(ctx)
	// A role's name and a password cannot be parameters of this statement. The verifier is base64, "$" and ":" only.
	statement := fmt.Sprintf("alter role %s password '%s'", pgx.Identifier{role}.Sanitize(), verifier)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("set the password of role %s: %w", role, err)
	}
	return nil
}

// checkLoginPassword keeps to printable ASCII, where SASLprep changes nothing, so that client and server agree.
func checkLoginPassword(password string) error {
	if password == "" {
		return errors.New("the password is empty")
	}
	for i := range len(password) {
		if password[i] < 0x20 || password[i] > 0x7e {
			return errors.New("the password may hold printable ASCII characters only")
		}
	}
	return nil
}

// scramVerifier is SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, of RFC 5802.
func scramVerifier(password string, salt []byte, iterations int) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	storedKey := sha256.Sum256(mac(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s",
		iterations, encode(salt), encode(storedKey[:]), encode(mac(salted, "Server Key"))), nil
}

func mac(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}
