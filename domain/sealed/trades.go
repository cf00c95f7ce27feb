package sealed

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/tillproof/tillproof/domain/ticket"
)

const (
	maxPlaces   = 255
	minLot      = 512
	finelySized = 16 // tickets from which on a lot's padding may be finer than one ticket's could
)

// encodeTrades gives the plaintext of a lot. What is random stands apart from what is compressed.
func encodeTrades(tickets []Parts) ([]byte, error) {
	if len(tickets) == 0 || len(tickets) > maxPlaces {
		return nil, fmt.Errorf("a lot of %d tickets, want 1 to %d", len(tickets), maxPlaces)
	}
	plain := []byte{uint8(len(tickets))}
	var texts []byte
	for i := range tickets {
		var err error
		if plain, err = appendHashes(plain, &tickets[i].Trade); err != nil {
			return nil, fmt.Errorf("place %d: %w", i, err)
		}
		texts = appendText16(texts, tickets[i].Trade.RetailerID)
		canonical := tickets[i].Trade.Ticket.Canonical()
		texts = append(binary.BigEndian.AppendUint32(texts, uint32(len(canonical))), canonical...)
	}
	packed, err := deflate(texts)
	if err != nil {
		return nil, err
	}
	plain = append(binary.BigEndian.AppendUint32(plain, uint32(len(packed))), packed...)
	unit := powerOfTwo(len(plain), minLot)
	if len(tickets) >= finelySized {
		unit /= 8
	}
	return pad(plain, unit), nil
}

func appendHashes(dst []byte, t *Trade) ([]byte, error) {
	dst = append(dst, t.Secret[:]...)
	dst = append(dst, t.PersonLeaves.Account[:]...)
	dst = append(dst, t.PersonLeaves.EntryID[:]...)
	dst = append(dst, t.PersonLeaves.Redemptions[:]...)
	dst = append(dst, uint8(len(t.PersonLeaves.Others)))
	for i := range t.PersonLeaves.Others {
		dst = append(dst, t.PersonLeaves.Others[i][:]...)
	}
	if t.PersonKey == "" {
		return append(dst, 0), nil
	}
	id, err := hex.DecodeString(t.PersonKey)
	if err != nil || len(id) != 16 {
		return nil, fmt.Errorf("id of the person part's key: %d characters, want 32 hex digits", len(t.PersonKey))
	}
	return append(append(dst, 1), id...), nil
}

// trades are the trade parts of a lot, of which texts are decoded when they are asked for.
type trades struct {
	parts []Trade // without their tickets
	texts [][]byte
}

func decodeTrades(plain []byte) (*trades, error) {
	r := reader{rest: plain}
	opened := &trades{parts: make([]Trade, r.number(1))}
	for i := range opened.parts {
		r.hashes(&opened.parts[i])
	}
	packed := r.take(r.number(4))
	if r.failed {
		return nil, errParts
	}
	texts, err := inflate(packed)
	if err != nil {
		return nil, err
	}
	r = reader{rest: texts}
	for i := range opened.parts {
		opened.parts[i].RetailerID = string(r.take(r.number(2)))
		opened.texts = append(opened.texts, r.take(r.number(4)))
	}
	if r.failed || len(r.rest) > 0 {
		return nil, errParts
	}
	return opened, nil
}

func (t *trades) trade(place int) (Trade, error) {
	if place >= len(t.parts) {
		return Trade{}, fmt.Errorf("trade part: the lot has %d tickets, and none at place %d", len(t.parts), place)
	}
	trade := t.parts[place]
	var err error
	if trade.Ticket, err = ticket.Decode(t.texts[place]); err != nil {
		return Trade{}, fmt.Errorf("trade part: ticket: %w", err)
	}
	return trade, nil
}

// A reader takes fields off a plaintext from its beginning. After the first failure it yields nothing.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if r.failed || n > len(r.rest) {
		r.failed = true
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

// number reads an unsigned integer of so many bytes.
func (r *reader) number(size int) (n int) {
	for _, b := range r.take(size) {
		n = n<<8 | int(b)
	}
	return n
}

func (r *reader) hashes(t *Trade) {
	for _, hash := range []*[32]byte{&t.Secret, &t.PersonLeaves.Account, &t.PersonLeaves.EntryID, &t.PersonLeaves.Redemptions} {
		copy(hash[:], r.take(32))
	}
	t.PersonLeaves.Others = make([][32]byte, r.number(1))
	for i := range t.PersonLeaves.Others {
		copy(t.PersonLeaves.Others[i][:], r.take(32))
	}
	if r.number(1) == 1 {
		t.PersonKey = hex.EncodeToString(r.take(16))
	}
}

// appendText16 appends a text after its length in two bytes.
func appendText16(dst []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(text))), text...)
}
