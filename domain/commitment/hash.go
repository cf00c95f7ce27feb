package commitment

import (
	"crypto/sha256"
	"encoding/binary"
)

const (
	leafPrefix = 0x10
	nodePrefix = 0x11
)

// A Leaf is one leaf of a commitment with what it hides.
type Leaf struct {
	Label string
	Salt  [32]byte
	Value []byte // RFC 8785 JSON
}

// Hash is what stands in the tree.
func (l Leaf) Hash() [32]byte { return LeafHash(l.Salt, l.Label, l.Value) }

// LeafHash is the hash of one leaf. value is RFC 8785 JSON.
func LeafHash(salt [32]byte, label string, value []byte) [32]byte {
	message := make([]byte, 0, 256)
	message = append(message, leafPrefix)
	message = append(message, salt[:]...)
	message = binary.BigEndian.AppendUint16(message, uint16(len(label)))
	message = append(message, label...)
	return sha256.Sum256(append(message, value...))
}

// NodeHash is the hash of an inner node.
func NodeHash(left, right [32]byte) [32]byte {
	var message [65]byte
	message[0] = nodePrefix
	copy(message[1:], left[:])
	copy(message[33:], right[:])
	return sha256.Sum256(message[:])
}
