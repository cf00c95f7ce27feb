package ledger

import (
	"encoding/binary"
	"encoding/hex"
)

// TransactionID is a Fabric transaction id: SHA-256, in text 64 hex digits.
type TransactionID [32]byte

func (id TransactionID) String() string { return hex.EncodeToString(id[:]) }

// ParseTransactionID reads a transaction id from its 64 hex digits.
func ParseTransactionID(text string) (TransactionID, error) {
	var id TransactionID
	return id, decodeHex(id[:], text, "transaction id")
}

// A Record is all that the public state says of a ticket.
type Record struct {
	Commitment    [32]byte
	Programme     uint32 // version of the points programme; does not tell whether there is a member
	TransactionID TransactionID
	Chunk, Slot   uint8 // where in that transaction's private data the sealed body is
}

// Encode gives the record's bytes on the ledger.
func (r Record) Encode() []byte {
	value := make([]byte, 0, 71)
	value = append(value, Version)
	value = append(value, r.Commitment[:]...)
	value = binary.BigEndian.AppendUint32(value, r.Programme)
	value = append(value, r.TransactionID[:]...)
	return append(value, r.Chunk, r.Slot)
}

// DecodeRecord reads a record from the ledger.
func DecodeRecord(value []byte) (Record, error) {
	var record Record
	r := newReader("record", value)
	r.copy(record.Commitment[:])
	record.Programme = r.uint32()
	r.copy(record.TransactionID[:])
	record.Chunk, record.Slot = r.uint8(), r.uint8()
	return record, r.finish()
}
