// Package password makes and checks what book.users keeps of a password: an argon2id hash in PHC form,
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>
//
// with salt (16 bytes) and hash (32 bytes) in base64 without padding. The parameters are OWASP's; they are read back
// from the text, so that they can grow without making old passwords useless.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Limits of a password. NIST SP 800-63B: at least 8 characters, no rules of composition.
const (
	MinCharacters = 8
	MaxBytes      = 1024
)

const (
	memoryKiB = 19 * 1024
	passes    = 2
	threads   = 1
	saltBytes = 16
	hashBytes = 32
)

// What a stored hash may ask for at most, so that a damaged row cannot exhaust the machine.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 16
	maxThreads   = 16
)

var errMalformed = errors.New("malformed argon2id hash")

// Check says why a password is not fit to be one.
func Check(password string) error {
	switch {
	case len(password) > MaxBytes:
		return fmt.Errorf("the password is longer than %d bytes", MaxBytes)
	case utf8.RuneCountInString(password) < MinCharacters:
		return fmt.Errorf("the password is shorter than %d characters", MinCharacters)
	}
	return nil
}

// Hash gives the PHC text of a password, with a salt of its own.
func Hash(password string) string {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	hash := argon2.IDKey([]byte(password), salt, passes, memoryKiB, threads, hashBytes)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, memoryKiB, passes, threads, encode(salt), encode(hash))
}

// Verify reports whether password is the one that phc was made of. The error is for a phc that cannot be read.
func Verify(phc, password string) (bool, error) {
	parameters, salt, want, err := parse(phc)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(password), salt, parameters.passes, parameters.memoryKiB, parameters.threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

type parameters struct {
	memoryKiB, passes uint32
	threads           uint8
}

func parse(phc string) (p parameters, salt, hash []byte, err error) {
	fields := strings.Split(phc, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errMalformed
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.memoryKiB, &p.passes, &p.threads); err != nil {
		return p, nil, nil, errMalformed
	}
	if p.memoryKiB > maxMemoryKiB || p.passes < 1 || p.passes > maxPasses || p.threads < 1 || p.threads > maxThreads {
		return p, nil, nil, errMalformed
	}
	decode := base64.RawStdEncoding.DecodeString
	salt, saltErr := decode(fields[4])
	hash, hashErr := decode(fields[5])
	if saltErr != nil || hashErr != nil || len(salt) < 8 || len(hash) < 16 {
		return p, nil, nil, errMalformed
	}
	return p, salt, hash, nil
}
