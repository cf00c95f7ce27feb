package api

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// lineRefs names lines to the owner of their products without telling which lines share a ticket:
//
//	base64url( nonce, 12 ‖ AES-256-GCM(ticket key, 32 ‖ line number, 8 ‖ business day as days since 1970, 4) )
//
// The day is for the database, which finds lines by owner and day; names given before they had it are still known.
//
// The manufacturer's id is additional data, and the nonce the first bytes of HMAC-SHA256(key, id ‖ 0 ‖ plaintext): the
// same line always has the same name, and no nonce meets two plaintexts.
type lineRefs struct {
	aead  cipher.AEAD
	nonce []byte // key
}

type lineOfTicket struct {
	ticketKey [32]byte
	number    int64
	day       *time.Time // business day; nil: its name did not say
}

const secondsADay = 24 * 60 * 60

func newLineRefs(secret []byte) (lineRefs, error) {
	sealing, nonce := sha256.Sum256(append([]byte("seal"), secret...)), sha256.Sum256(append([]byte("nonce"), secret...))
	block, err := aes.NewCipher(sealing[:])
	if err != nil {
		return lineRefs{}, err
	}
	aead, err := cipher.NewGCM(block)
	return lineRefs{aead, nonce[:]}, err
}

func (l lineRefs) seal(manufacturerID string, line lineOfTicket) string {
	plain := binary.BigEndian.AppendUint64(line.ticketKey[:], uint64(line.number))
	if line.day != nil {
		plain = binary.BigEndian.AppendUint32(plain, uint32(int32(line.day.Unix()/secondsADay)))
	}
	mac := hmac.New(sha256.New, l.nonce)
	mac.Write(append([]byte(manufacturerID), 0))
	mac.Write(plain)
	nonce := mac.Sum(nil)[:l.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(l.aead.Seal(nonce, nonce, plain, []byte(manufacturerID)))
}

func (l lineRefs) open(manufacturerID, ref string) (lineOfTicket, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(ref)
	if err != nil || len(sealed) < l.aead.NonceSize() {
		return lineOfTicket{}, errors.New("it does not name a line")
	}
	nonce, ciphertext := sealed[:l.aead.NonceSize()], sealed[l.aead.NonceSize():]
	plain, err := l.aead.Open(nil, nonce, ciphertext, []byte(manufacturerID))
	if err != nil || len(plain) != 40 && len(plain) != 44 {
		return lineOfTicket{}, errors.New("it does not name a line of this manufacturer")
	}
	line := lineOfTicket{ticketKey: [32]byte(plain), number: int64(binary.BigEndian.Uint64(plain[32:]))}
	if len(plain) == 44 {
		day := time.Unix(int64(int32(binary.BigEndian.Uint32(plain[40:])))*secondsADay, 0).UTC()
		line.day = &day
	}
	return line, nil
}
