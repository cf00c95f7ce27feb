package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// Key is a part key: of a period or of a member.
type Key [32]byte

// A Period is a month, as year × 12 + month − 1: trade parts sealed in one share a part key.
type Period uint32

// PeriodOf gives the period of a time, in UTC.
func PeriodOf(t time.Time) Period {
	t = t.UTC()
	return Period(t.Year()*12 + int(t.Month()) - 1)
}

// String gives the period as YYYY-MM.
func (p Period) String() string { return fmt.Sprintf("%04d-%02d", p/12, p%12+1) }

// ErrKey says that a part does not open: another key, another ticket, or bytes that were changed.
var ErrKey = errors.New("sealed body does not open with this key")

// cipherFor derives the cipher for one message under a part key.
func cipherFor(key Key, label string, of ...[]byte) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(label))
	for _, part := range of {
		mac.Write(part)
	}
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("seal a body: %w", err)
	}
	return cipher.NewGCM(block)
}
