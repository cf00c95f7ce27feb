package ledger

import (
	"encoding/binary"
	"fmt"
)

// ChunkSlots is how many sealed bodies share one private value: one value hashes and commits faster than fifty.
const ChunkSlots = 50

// chunkVersion begins chunks whose bodies have a lot in common. Chunks of bodies that stand alone, which older ledgers
// have, begin with Version.
const chunkVersion = 2

// A Chunk is one private value: the sealed bodies of up to ChunkSlots tickets.
type Chunk struct {
	Lot   []byte // what the bodies have in common (package sealed); nil: nothing, each stands alone
	Slots []Slot
}

// A Slot is what a chunk has of one ticket alone.
type Slot struct {
	Key    TicketKey // in a chunk without lot; else the record names the slot
	Sealed []byte    // the person part; in a chunk without lot the whole body
}

// EncodeChunk packs up to ChunkSlots sealed bodies into one private value.
func EncodeChunk(c Chunk) ([]byte, error) {
	if len(c.Slots) == 0 || len(c.Slots) > ChunkSlots {
		return nil, fmt.Errorf("chunk: %d slots, want 1 to %d", len(c.Slots), ChunkSlots)
	}
	size := 6 + len(c.Lot)
	for _, slot := range c.Slots {
		size += len(slot.Key) + 4 + len(slot.Sealed)
	}
	value := make([]byte, 0, size)
	if c.Lot == nil {
		value = append(value, Version, byte(len(c.Slots)))
	} else {
		value = binary.BigEndian.AppendUint32(append(value, chunkVersion), uint32(len(c.Lot)))
		value = append(append(value, c.Lot...), byte(len(c.Slots)))
	}
	for _, slot := range c.Slots {
		if c.Lot == nil {
			value = append(value, slot.Key[:]...)
		}
		value = binary.BigEndian.AppendUint32(value, uint32(len(slot.Sealed)))
		value = append(value, slot.Sealed...)
	}
	return value, nil
}

// DecodeChunk unpacks a private value, which the chunk aliases.
func DecodeChunk(value []byte) (Chunk, error) {
	var c Chunk
	r := newReader("chunk", value, Version, chunkVersion)
	if r.version == chunkVersion {
		if c.Lot = r.take(int(r.uint32())); len(c.Lot) == 0 {
			r.fail("its lot is empty")
		}
	}
	c.Slots = make([]Slot, r.count("slots", int(r.uint8()), ChunkSlots))
	if r.err == nil && len(c.Slots) == 0 {
		r.fail("it has no slots")
	}
	for i := range c.Slots {
		if c.Lot == nil {
			r.copy(c.Slots[i].Key[:])
		}
		c.Slots[i].Sealed = r.take(int(r.uint32()))
	}
	return c, r.finish()
}
