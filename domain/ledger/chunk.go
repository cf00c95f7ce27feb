package ledger

import (
	"encoding/binary"
	"fmt"
)

// ChunkSlots is how many sealed bodies share one private value: one value hashes and commits faster than fifty.
const ChunkSlots = 50

// A Slot is one ticket's sealed body in a chunk.
type Slot struct {
	Key    TicketKey
	Sealed []byte
}

// EncodeChunk packs up to ChunkSlots sealed bodies into one private value.
func EncodeChunk(slots []Slot) ([]byte, error) {
	if len(slots) == 0 || len(slots) > ChunkSlots {
		return nil, fmt.Errorf("chunk: %d slots, want 1 to %d", len(slots), ChunkSlots)
	}
	size := 2
	for _, slot := range slots {
		size += len(slot.Key) + 4 + len(slot.Sealed)
	}
	value := make([]byte, 0, size)
	value = append(value, Version, byte(len(slots)))
	for _, slot := range slots {
		value = append(value, slot.Key[:]...)
		value = binary.BigEndian.AppendUint32(value, uint32(len(slot.Sealed)))
		value = append(value, slot.Sealed...)
	}
	return value, nil
}

// DecodeChunk unpacks a private value. The sealed bodies alias it.
func DecodeChunk(value []byte) ([]Slot, error) {
	r := newReader("chunk", value)
	slots := make([]Slot, r.count("slots", int(r.uint8()), ChunkSlots))
	if r.err == nil && len(slots) == 0 {
		r.fail("it has no slots")
	}
	for i := range slots {
		r.copy(slots[i].Key[:])
		slots[i].Sealed = r.take(int(r.uint32()))
	}
	return slots, r.finish()
}
