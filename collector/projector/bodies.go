package projector

import (
	"context"
	"fmt"

	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// A foundBody is a recorded ticket's sealed body, and its contents if they are remembered.
type foundBody struct {
	sealed     sealed.Body
	contents   unsealed.Contents
	remembered bool
	err        error // it is not even the form of a body
}

// findBodies finds the bodies of records, in their order. One that does not come with its block the peer is asked for: after
// erasure the chunk it stood in is purged, and it stands in another; else the peer has not got it yet.
func (p *Projector) findBodies(ctx context.Context, w writes) ([]foundBody, error) {
	found := make([]foundBody, len(w.records))
	chunks := make(map[uint8]*openedChunk, len(w.chunks))
	for number, chunk := range w.chunks {
		chunks[number] = p.openChunk(chunk)
	}
	for i, recorded := range w.records {
		if chunk := chunks[recorded.Chunk]; chunk != nil && int(recorded.Slot) < len(chunk.Slots) {
			found[i] = chunk.body(int(recorded.Slot))
			continue
		}
		body, err := p.blocks.ReadBody(ctx, recorded.key)
		if err != nil {
			return nil, fmt.Errorf("the peer has not got the body of ticket %s yet: %w", recorded.key, err)
		}
		found[i].sealed, found[i].err = sealed.Parse(body)
	}
	return found, nil
}

// An openedChunk is a chunk whose lot, if it has one, is decrypted once for all of its bodies.
type openedChunk struct {
	ledger.Chunk
	lot        *sealed.Lot
	remembered unsealed.Remembered
	err        error
}

func (p *Projector) openChunk(chunk ledger.Chunk) *openedChunk {
	opened := &openedChunk{Chunk: chunk}
	if chunk.Lot != nil {
		opened.lot, opened.err = sealed.ParseLot(chunk.Lot)
		opened.remembered = p.Memory.Take(chunk.Lot)
	}
	return opened
}

func (c *openedChunk) body(slot int) foundBody {
	found := foundBody{err: c.err}
	switch person := c.Slots[slot].Sealed; {
	case c.err != nil:
	case c.lot == nil:
		found.sealed, found.err = sealed.Parse(person)
	default:
		found.sealed = c.lot.Body(slot, person)
		found.contents, found.remembered = c.remembered.At(slot, person)
	}
	return found
}
