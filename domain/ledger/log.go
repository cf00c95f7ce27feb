package ledger

import "encoding/binary"

// LogEntry gives the bytes that the Merkle log has for a recorded ticket. Entries follow the order of blocks, of
// transactions in a block, and of ticket keys in a transaction; valid transactions only.
func LogEntry(channel string, key TicketKey, commitment [32]byte) []byte {
	entry := make([]byte, 0, 1+2+len(channel)+32+32)
	entry = append(entry, Version)
	entry = binary.BigEndian.AppendUint16(entry, uint16(len(channel)))
	entry = append(entry, channel...)
	entry = append(entry, key[:]...)
	return append(entry, commitment[:]...)
}
