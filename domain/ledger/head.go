package ledger

import (
	"encoding/binary"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/points"
)

// EncodeHead gives a head's bytes on the ledger.
func EncodeHead(h account.Head) []byte {
	value := make([]byte, 0, 19+12*len(h.Buckets)+32*len(h.Holds))
	value = append(value, Version)
	value = binary.BigEndian.AppendUint64(value, h.Revision)
	value = appendInt64(value, h.Debt)
	value = appendParts(value, h.Buckets)
	value = append(value, byte(len(h.Holds)))
	for _, hold := range h.Holds {
		value = append(value, hold.ID[:]...)
		value = appendInt64(value, hold.ExpiresAt)
		value = appendInt64(value, hold.Points)
	}
	return value
}

// DecodeHead reads a head; no value at all means an account on which nothing was folded yet.
func DecodeHead(value []byte) (account.Head, error) {
	if len(value) == 0 {
		return account.Head{}, nil
	}
	r := newReader("head", value)
	h := account.Head{Revision: uint64(r.int64()), Debt: r.int64(), Buckets: readParts(r)}
	for i := 1; i < len(h.Buckets); i++ {
		if !h.Buckets[i-1].Month.Before(h.Buckets[i].Month) {
			r.fail("the months of its buckets do not ascend")
		}
	}
	if h.Debt < 0 || h.Debt > 0 && len(h.Buckets) > 0 {
		r.fail("it has buckets and a debt of %d", h.Debt)
	}
	for range r.count("open holds", int(r.uint8()), account.MaxHolds) {
		var hold account.OpenHold
		r.copy(hold.ID[:])
		hold.ExpiresAt, hold.Points = r.int64(), r.positive("points of an open hold")
		h.Holds = append(h.Holds, hold)
	}
	return h, r.finish()
}

// EncodeHold gives a hold's bytes on the ledger.
func EncodeHold(h account.Hold) []byte {
	value := make([]byte, 0, 90+12*len(h.Parts))
	value = append(value, Version, byte(h.State))
	value = append(value, h.Account[:]...)
	for _, number := range []int64{h.Points, h.Captured, h.Claimed, h.GivenBack, h.ExpiresAt} {
		value = appendInt64(value, number)
	}
	value = append(value, h.Digest[:]...)
	return appendParts(value, h.Parts)
}

// DecodeHold reads a hold from the ledger.
func DecodeHold(value []byte) (account.Hold, error) {
	r := newReader("hold", value)
	h := account.Hold{State: account.State(r.uint8())}
	if h.State < account.Held || h.State > account.Lapsed {
		r.fail("%v is not known here", h.State)
	}
	r.copy(h.Account[:])
	h.Points, h.Captured, h.Claimed, h.GivenBack, h.ExpiresAt = r.int64(), r.int64(), r.int64(), r.int64(), r.int64()
	r.copy(h.Digest[:])
	h.Parts = readParts(r)
	return h, r.finish()
}

// A Transfer is points that went from one account to another.
type Transfer struct {
	From, To Account
	Points   int64
	Parts    []account.Part
	Digest   [32]byte // of the request
}

// Encode gives the transfer's bytes on the ledger.
func (t Transfer) Encode() []byte {
	value := []byte{Version}
	value = append(value, t.From[:]...)
	value = append(value, t.To[:]...)
	value = appendInt64(value, t.Points)
	value = append(value, t.Digest[:]...)
	return appendParts(value, t.Parts)
}

// DecodeTransfer reads a transfer from the ledger.
func DecodeTransfer(value []byte) (Transfer, error) {
	var t Transfer
	r := newReader("transfer", value)
	r.copy(t.From[:])
	r.copy(t.To[:])
	t.Points = r.int64()
	r.copy(t.Digest[:])
	t.Parts = readParts(r)
	return t, r.finish()
}

// EncodeLeft gives the bytes of what is left of a purchase, in minor units.
func EncodeLeft(left int64) []byte { return appendInt64([]byte{Version}, left) }

// DecodeLeft reads what is left of a purchase.
func DecodeLeft(value []byte) (int64, error) {
	r := newReader("what is left of a purchase", value)
	left := r.int64()
	return left, r.finish()
}

// EncodeRevision gives the bytes of how often a chunk was rewritten.
func EncodeRevision(revision uint16) []byte {
	return binary.BigEndian.AppendUint16([]byte{Version}, revision)
}

// DecodeRevision reads how often a chunk was rewritten; no value at all means never.
func DecodeRevision(value []byte) (uint16, error) {
	if len(value) == 0 {
		return 0, nil
	}
	r := newReader("revision of a chunk", value)
	revision := r.uint16()
	return revision, r.finish()
}

func appendParts(dst []byte, parts []account.Part) []byte {
	dst = append(dst, byte(len(parts)))
	for _, part := range parts {
		dst = binary.BigEndian.AppendUint32(dst, uint32(part.Month))
		dst = appendInt64(dst, part.Points)
	}
	return dst
}

func readParts(r *reader) []account.Part {
	var parts []account.Part
	for range r.count("parts", int(r.uint8()), 255) {
		parts = append(parts, account.Part{Month: points.Month(r.uint32()), Points: r.positive("points of a part")})
	}
	return parts
}
