package sealed

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Version begins every lot, and every body in one.
const Version = 2

// versionAlone begins bodies that stand alone.
const versionAlone = 1

// A Body is one ticket's sealed body, of either version, taken apart but not yet decrypted.
type Body struct {
	Period Period
	lot    *Lot // nil: it stands alone
	place  uint8
	trade  []byte // of one that stands alone
	person []byte
}

// Parse takes a sealed body apart. It aliases the bytes.
func Parse(body []byte) (Body, error) {
	if len(body) == 0 {
		return Body{}, errors.New("sealed body: it is empty")
	}
	switch body[0] {
	case versionAlone:
		return parseAlone(body)
	case Version:
		return parseInLot(body)
	}
	return Body{}, fmt.Errorf("sealed body: version %d is not known here, only versions %d and %d", body[0], versionAlone, Version)
}

// inLot is where the lot begins in a body: behind version, place and length.
const inLot = 6

func parseInLot(body []byte) (Body, error) {
	if len(body) < inLot || int64(binary.BigEndian.Uint32(body[2:])) > int64(len(body)-inLot) {
		return Body{}, errCut
	}
	end := inLot + int(binary.BigEndian.Uint32(body[2:]))
	lot, err := ParseLot(body[inLot:end])
	if err != nil {
		return Body{}, err
	}
	return lot.Body(int(body[1]), body[end:]), nil
}

var errCut = errors.New("sealed body: cut short")

// Compose gives the bytes of a body whose lot and person part are kept apart. It needs no key.
func Compose(lot []byte, place int, person []byte) []byte {
	body := make([]byte, 0, inLot+len(lot)+len(person))
	body = append(body, Version, uint8(place))
	body = binary.BigEndian.AppendUint32(body, uint32(len(lot)))
	return append(append(body, lot...), person...)
}

// WithoutPerson gives a sealed body with its person part emptied; the rest stays to the byte. It needs no key.
func WithoutPerson(body []byte) ([]byte, error) {
	parsed, err := Parse(body)
	if err != nil {
		return nil, err
	}
	return body[: len(body)-len(parsed.person) : len(body)-len(parsed.person)], nil
}

// OpenTrade decrypts the trade part.
func (b Body) OpenTrade(ticketKey [32]byte, key Key) (Trade, error) {
	if b.lot == nil {
		return openTradeAlone(b, ticketKey, key)
	}
	return b.lot.openTrade(int(b.place), key)
}

// OpenPerson decrypts the person part.
func (b Body) OpenPerson(ticketKey [32]byte, key Key) (Person, error) {
	if b.lot == nil {
		return openPersonAlone(b, ticketKey, key)
	}
	return b.lot.openPerson(b.place, b.person, key)
}
