package commitment

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"strconv"
)

// Secrets are what a ticket's salts come from: Trade for the fields that concern the goods, Person for those that
// concern member and operator.
type Secrets struct {
	Trade, Person [32]byte
}

// Derive gives the secrets of a ticket from its random seed.
func Derive(seed [32]byte) Secrets {
	return Secrets{Trade: prf(seed[:], "tillproof/v1/trade"), Person: prf(seed[:], "tillproof/v1/person")}
}

// EntryID is the blind name of the ticket's points entry: only who has the person secret can join the two.
func EntryID(person [32]byte) [16]byte {
	full := prf(person[:], "tillproof/v1/entry")
	return [16]byte(full[:16])
}

func prf(key []byte, message string) [32]byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return [32]byte(mac.Sum(nil))
}

// A salter gives the many salts of one secret. It is not safe for concurrent use.
type salter struct {
	mac     hash.Hash // keyed once
	message []byte    // room for messages, and below for their sums
	sum     [32]byte
}

func newSalter(secret [32]byte) *salter { return &salter{mac: hmac.New(sha256.New, secret[:])} }

func (s *salter) salt(name string) [32]byte { return s.prf("tillproof/v1/salt/", name) }

// line is the salt of a line's leaf.
func (s *salter) line(sequenceNumber int64) [32]byte {
	return s.prf("tillproof/v1/salt/line/", strconv.FormatInt(sequenceNumber, 10))
}

func (s *salter) leaf(label string, value []byte) Leaf {
	return Leaf{Label: label, Salt: s.salt(label), Value: value}
}

func (s *salter) padding(i int) [32]byte { return s.prf("tillproof/v1/pad/", strconv.Itoa(i)) }

// reserved fills the position that no fact has yet.
func (s *salter) reserved() [32]byte { return s.prf("tillproof/v1/pad/", "-") }

func (s *salter) prf(prefix, name string) [32]byte {
	s.message = append(append(s.message[:0], prefix...), name...)
	s.mac.Reset()
	s.mac.Write(s.message)
	s.mac.Sum(s.sum[:0])
	return s.sum
}
