package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
)

// MaxBatch is the largest number of tickets in one transaction.
const MaxBatch = 1000

// maxSiblings is the height of the largest commitment tree, with ample room: a ticket has at most 5,000 lines.
const maxSiblings = 30

// TransientBatch is the name of the transient field that carries a batch.
const TransientBatch = "batch"

// A Submission is one ticket of a batch.
type Submission struct {
	Key        TicketKey
	Commitment [32]byte
	Points     *commitment.Opening // nil: the ticket has no member
	Sealed     []byte
}

// EncodeBatch gives the bytes of a batch, whose submissions must be in strictly ascending order of their keys.
func EncodeBatch(submissions []Submission) ([]byte, error) {
	if err := checkOrder(submissions); err != nil {
		return nil, err
	}
	size := 3
	for i := range submissions {
		size += 32 + 32 + 1 + 512 + 4 + len(submissions[i].Sealed)
	}
	dst := make([]byte, 0, size)
	dst = append(dst, Version)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(submissions)))
	for i := range submissions {
		s := &submissions[i]
		dst = append(dst, s.Key[:]...)
		dst = append(dst, s.Commitment[:]...)
		if s.Points == nil {
			dst = append(dst, 0)
		} else {
			dst = append(dst, 1)
			var err error
			if dst, err = appendOpening(dst, s.Points); err != nil {
				return nil, fmt.Errorf("batch: ticket %d: %w", i, err)
			}
		}
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(s.Sealed)))
		dst = append(dst, s.Sealed...)
	}
	return dst, nil
}

// DecodeBatch reads a batch. The sealed bodies alias it.
func DecodeBatch(value []byte) ([]Submission, error) {
	r := newReader("batch", value)
	submissions := make([]Submission, 0, min(int(r.uint16()), MaxBatch+1))
	for range cap(submissions) {
		var s Submission
		r.copy(s.Key[:])
		r.copy(s.Commitment[:])
		switch member := r.uint8(); member {
		case 0:
		case 1:
			s.Points = readOpening(r)
		default:
			r.fail("ticket %d: member mark is %d, want 0 or 1", len(submissions), member)
		}
		s.Sealed = r.take(int(r.uint32()))
		if r.err != nil {
			return nil, r.err
		}
		submissions = append(submissions, s)
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return submissions, checkOrder(submissions)
}

func checkOrder(submissions []Submission) error {
	if len(submissions) == 0 || len(submissions) > MaxBatch {
		return fmt.Errorf("batch: %d tickets, want 1 to %d", len(submissions), MaxBatch)
	}
	for i := 1; i < len(submissions); i++ {
		if bytes.Compare(submissions[i-1].Key[:], submissions[i].Key[:]) >= 0 {
			return fmt.Errorf("batch: ticket %d: keys must ascend, each once", i)
		}
	}
	return nil
}

func appendOpening(dst []byte, o *commitment.Opening) ([]byte, error) {
	if len(o.Currency) != 3 || len(o.BusinessDay) != 10 || len(o.Siblings) > maxSiblings {
		return nil, fmt.Errorf("opening: currency %q, business day %q or %d siblings are out of bounds",
			o.Currency, o.BusinessDay, len(o.Siblings))
	}
	dst = append(dst, o.Account[:]...)
	dst = append(dst, o.EntryID[:]...)
	dst = appendInt64(dst, o.Eligible)
	dst = append(dst, o.Currency...)
	dst = append(dst, o.BusinessDay...)
	for i := range o.Salts {
		dst = append(dst, o.Salts[i][:]...)
	}
	dst = append(dst, byte(len(o.Siblings)))
	for i := range o.Siblings {
		dst = append(dst, o.Siblings[i][:]...)
	}
	return dst, nil
}

func readOpening(r *reader) *commitment.Opening {
	o := new(commitment.Opening)
	r.copy(o.Account[:])
	r.copy(o.EntryID[:])
	o.Eligible = r.int64()
	o.Currency, o.BusinessDay = r.text(3), r.text(10)
	for i := range o.Salts {
		r.copy(o.Salts[i][:])
	}
	siblings := int(r.uint8())
	if siblings > maxSiblings {
		r.fail("opening: %d siblings, want at most %d", siblings, maxSiblings)
		return o
	}
	o.Siblings = make([][32]byte, siblings)
	for i := range o.Siblings {
		r.copy(o.Siblings[i][:])
	}
	return o
}
