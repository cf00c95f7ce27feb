package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
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

// Seal encrypts both parts of a ticket's body.
func Seal(ticketKey [32]byte, period Period, tradeKey, personKey Key, trade Trade, person Person) ([]byte, error) {
	header := binary.BigEndian.AppendUint32([]byte{Version}, uint32(period))
	sealedTrade, err := sealPart("trade", tradeKey, header, ticketKey, trade.encode())
	if err != nil {
		return nil, err
	}
	sealedPerson, err := sealPart("person", personKey, header, ticketKey, person.encode())
	if err != nil {
		return nil, err
	}
	body := binary.BigEndian.AppendUint32(header, uint32(len(sealedTrade)))
	body = append(body, sealedTrade...)
	return append(body, sealedPerson...), nil
}

// A Body is a sealed body taken apart, not yet decrypted.
type Body struct {
	Period        Period
	header        []byte
	trade, person []byte
}

// Parse takes a sealed body apart. It aliases the bytes.
func Parse(body []byte) (Body, error) {
	if len(body) < 9 {
		return Body{}, fmt.Errorf("sealed body: %d bytes are too few", len(body))
	}
	if body[0] != Version {
		return Body{}, fmt.Errorf("sealed body: version %d is not known here, only version %d", body[0], Version)
	}
	tradeLength := int64(binary.BigEndian.Uint32(body[5:]))
	if tradeLength > int64(len(body)-9) {
		return Body{}, errors.New("sealed body: cut short")
	}
	return Body{
		Period: Period(binary.BigEndian.Uint32(body[1:])),
		header: body[:5:5],
		trade:  body[9 : 9+tradeLength],
		person: body[9+tradeLength:],
	}, nil
}

// OpenTrade decrypts the trade part.
func (b Body) OpenTrade(ticketKey [32]byte, key Key) (Trade, error) {
	plain, err := openPart("trade", key, b.header, ticketKey, b.trade)
	if err != nil {
		return Trade{}, err
	}
	return decodeTrade(plain)
}

// OpenPerson decrypts the person part.
func (b Body) OpenPerson(ticketKey [32]byte, key Key) (Person, error) {
	plain, err := openPart("person", key, b.header, ticketKey, b.person)
	if err != nil {
		return Person{}, err
	}
	return decodePerson(plain)
}

func sealPart(part string, key Key, header []byte, ticketKey [32]byte, plain []byte) ([]byte, error) {
	padded, err := pack(plain)
	if err != nil {
		return nil, err
	}
	aead, err := partCipher(part, key, ticketKey)
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, aead.NonceSize(), aead.NonceSize()+len(padded)+aead.Overhead())
	rand.Read(sealed) // never fails: crypto/rand ends the program instead
	return aead.Seal(sealed, sealed, padded, additionalData(header, ticketKey)), nil
}

func openPart(part string, key Key, header []byte, ticketKey [32]byte, sealed []byte) ([]byte, error) {
	aead, err := partCipher(part, key, ticketKey)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, fmt.Errorf("%s part: %w", part, ErrKey)
	}
	nonce, ciphertext := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	padded, err := aead.Open(nil, nonce, ciphertext, additionalData(header, ticketKey))
	if err != nil {
		return nil, fmt.Errorf("%s part: %w", part, ErrKey)
	}
	return unpack(padded)
}

func partCipher(part string, key Key, ticketKey [32]byte) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte("tillproof/v1/seal/" + part))
	mac.Write(ticketKey[:])
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("seal a body: %w", err)
	}
	return cipher.NewGCM(block)
}

func additionalData(header []byte, ticketKey [32]byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(ticketKey)), header...), ticketKey[:]...)
}
