package sealed

import (
	"encoding/binary"
	"fmt"
	"math"
)

const minPerson = 128

// encode gives the plaintext of a person part.
func (p Person) encode() ([]byte, error) {
	if len(p.TenderReferences) > math.MaxUint16 {
		return nil, fmt.Errorf("person part: %d tenders", len(p.TenderReferences))
	}
	plain := make([]byte, 0, minPerson)
	plain = append(plain, p.Account[:]...)
	plain = append(plain, p.Secret[:]...)
	for _, text := range []string{p.LoyaltyID, p.OperatorID} {
		if len(text) > math.MaxUint16 {
			return nil, fmt.Errorf("person part: a text of %d bytes", len(text))
		}
		plain = appendText16(plain, text)
	}
	plain = binary.BigEndian.AppendUint16(plain, uint16(len(p.TenderReferences)))
	for _, reference := range p.TenderReferences {
		if len(reference) > math.MaxUint16 {
			return nil, fmt.Errorf("person part: a reference of %d bytes", len(reference))
		}
		plain = appendText16(plain, reference)
	}
	return pad(plain, powerOfTwo(len(plain), minPerson)), nil
}

func decodePerson(plain []byte) (Person, error) {
	var p Person
	r := reader{rest: plain}
	copy(p.Account[:], r.take(16))
	copy(p.Secret[:], r.take(32))
	p.LoyaltyID, p.OperatorID = string(r.take(r.number(2))), string(r.take(r.number(2)))
	for range r.number(2) {
		p.TenderReferences = append(p.TenderReferences, string(r.take(r.number(2))))
	}
	if r.failed {
		return Person{}, fmt.Errorf("person part: %w", errParts)
	}
	return p, nil
}
