// Package membercode is the short-lived code that a member's app shows and a till scans to redeem points. It names the
// member to the collector, and to nobody else: whoever sees it at the till learns no loyalty id, and has no use for it
// once it has expired or was used.
//
// A code is the base32 text (RFC 4648, capital letters, no padding: the alphanumeric mode of a QR code) of
//
//	 0  version, 1
//	 1  time of expiry, seconds since 1970, 8
//	 9  nonce, 12, random
//	21  AES-256-GCM ciphertext with its tag, 16, of: the length of the loyalty id, 1 · the loyalty id · zeros up to a
//	    multiple of 32 bytes. The additional data are the first 9 bytes
//
// under a key that query server and collector share as a file.
package membercode

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// KeyFile is the name of the key's file in the folder of keys.
const KeyFile = "member-code.key"

// A Key seals and opens codes.
type Key [32]byte

const (
	version   = 1
	headSize  = 9
	nonceSize = 12
	block     = 32
	maxID     = 255
)

// Why a code is not taken.
var (
	ErrInvalid = errors.New("not a member code of ours")
	ErrExpired = errors.New("the member code has expired")
)

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Seal makes a code. The nonce must be random: each code has another one.
func Seal(key Key, loyaltyID string, expires time.Time, nonce [nonceSize]byte) (string, error) {
	if loyaltyID == "" || len(loyaltyID) > maxID {
		return "", fmt.Errorf("member code: a loyalty id of %d bytes, want 1 to %d", len(loyaltyID), maxID)
	}
	aead, err := newCipher(key)
	if err != nil {
		return "", err
	}
	plain := make([]byte, (1+len(loyaltyID)+block-1)/block*block)
	plain[0] = byte(len(loyaltyID))
	copy(plain[1:], loyaltyID)
	code := binary.BigEndian.AppendUint64([]byte{version}, uint64(expires.Unix()))
	head := code[:headSize:headSize]
	code = append(code, nonce[:]...)
	return encoding.EncodeToString(aead.Seal(code, nonce[:], plain, head)), nil
}

// Open gives the loyalty id that a code names.
func Open(key Key, code string, now time.Time) (loyaltyID string, err error) {
	sealed, err := encoding.DecodeString(code)
	if err != nil || len(sealed) < headSize+nonceSize || sealed[0] != version {
		return "", ErrInvalid
	}
	if encoding.EncodeToString(sealed) != code { // a code has one form, by which it is known to have been used
		return "", ErrInvalid
	}
	aead, err := newCipher(key)
	if err != nil {
		return "", err
	}
	head, nonce := sealed[:headSize], sealed[headSize:headSize+nonceSize]
	plain, err := aead.Open(nil, nonce, sealed[headSize+nonceSize:], head)
	if err != nil || len(plain) == 0 || len(plain) < 1+int(plain[0]) {
		return "", ErrInvalid
	}
	if expires := int64(binary.BigEndian.Uint64(head[1:])); now.Unix() >= expires {
		return "", ErrExpired
	}
	return string(plain[1 : 1+int(plain[0])]), nil
}

func newCipher(key Key) (cipher.AEAD, error) {
	aes, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("member code: %w", err)
	}
	return cipher.NewGCM(aes)
}
