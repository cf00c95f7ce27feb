package sealed

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

const (
	labelTrade  = "tillproof/v2/seal/trade"
	labelPerson = "tillproof/v2/seal/person"

	lotHeader = 1 + 4
	lotSalt   = 32
)

// noNonce is the nonce of keys that encrypt one message only.
var noNonce [12]byte

// Parts are what is sealed of one ticket.
type Parts struct {
	Trade     Trade
	Person    Person
	PersonKey Key
}

// SealLot encrypts up to 255 tickets, in the order of their places: the trade parts together, each person part alone.
func SealLot(period Period, tradeKey Key, tickets []Parts) (lot []byte, persons [][]byte, err error) {
	plain, err := encodeTrades(tickets)
	if err != nil {
		return nil, nil, err
	}
	lot = make([]byte, lotHeader+lotSalt, lotHeader+lotSalt+len(plain)+16)
	lot[0] = Version
	binary.BigEndian.PutUint32(lot[1:], uint32(period))
	header, salt := lot[:lotHeader:lotHeader], lot[lotHeader:]
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	aead, err := cipherFor(tradeKey, labelTrade, salt)
	if err != nil {
		return nil, nil, err
	}
	persons = make([][]byte, len(tickets))
	for place := range tickets {
		if persons[place], err = sealPerson(&tickets[place], header, salt, uint8(place)); err != nil {
			return nil, nil, fmt.Errorf("place %d: %w", place, err)
		}
	}
	return aead.Seal(lot, noNonce[:], plain, header), persons, nil
}

func sealPerson(t *Parts, header, salt []byte, place uint8) ([]byte, error) {
	plain, err := t.Person.encode()
	if err != nil {
		return nil, err
	}
	aead, err := cipherFor(t.PersonKey, labelPerson, salt, []byte{place})
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, noNonce[:], plain, header), nil
}

// A Lot is the sealed trade parts of some tickets. It is safe for concurrent use, and decrypted once.
type Lot struct {
	Period Period
	sealed []byte

	mu     sync.Mutex
	key    Key // that it was opened with
	opened *trades
}

// ParseLot takes a lot apart. It aliases the bytes.
func ParseLot(sealed []byte) (*Lot, error) {
	if len(sealed) < lotHeader+lotSalt {
		return nil, errCut
	}
	if sealed[0] != Version {
		return nil, fmt.Errorf("sealed lot: version %d is not known here, only version %d", sealed[0], Version)
	}
	return &Lot{Period: Period(binary.BigEndian.Uint32(sealed[1:])), sealed: sealed}, nil
}

// Body is the body of the ticket at a place, whose person part is kept apart.
func (l *Lot) Body(place int, person []byte) Body {
	return Body{Period: l.Period, lot: l, place: uint8(place), person: person}
}

func (l *Lot) openTrade(place int, key Key) (Trade, error) {
	opened, err := l.open(key)
	if err != nil {
		return Trade{}, err
	}
	return opened.trade(place)
}

// open decrypts the lot, unless that was done before.
func (l *Lot) open(key Key) (*trades, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened != nil && l.key == key {
		return l.opened, nil
	}
	header, salt := l.sealed[:lotHeader], l.sealed[lotHeader:lotHeader+lotSalt]
	aead, err := cipherFor(key, labelTrade, salt)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, noNonce[:], l.sealed[lotHeader+lotSalt:], header)
	if err != nil {
		return nil, fmt.Errorf("trade parts: %w", ErrKey)
	}
	opened, err := decodeTrades(plain)
	if err != nil {
		return nil, fmt.Errorf("trade parts: %w", err)
	}
	l.key, l.opened = key, opened
	return opened, nil
}

// errErased is no more than ErrKey: an erased person part opens with no key.
var errErased = fmt.Errorf("person part: it was emptied: %w", ErrKey)

func (l *Lot) openPerson(place uint8, sealed []byte, key Key) (Person, error) {
	if len(sealed) == 0 {
		return Person{}, errErased
	}
	aead, err := cipherFor(key, labelPerson, l.sealed[lotHeader:lotHeader+lotSalt], []byte{place})
	if err != nil {
		return Person{}, err
	}
	plain, err := aead.Open(nil, noNonce[:], sealed, l.sealed[:lotHeader])
	if err != nil {
		return Person{}, fmt.Errorf("person part: %w", ErrKey)
	}
	return decodePerson(plain)
}

// errParts says that a plaintext is not what version 2 has.
var errParts = errors.New("malformed")
