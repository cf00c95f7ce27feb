package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
)

// MaxBatch is the largest number of tickets in one transaction.
const MaxBatch = 1000

// TransientBatch is the name of the transient field that carries a batch.
const TransientBatch = "batch"

// A Submission is one ticket of a batch.
type Submission struct {
	Key        TicketKey
	Commitment [32]byte
	Points     *commitment.Opening // nil: the ticket moves no points
	Sealed     []byte
}

// EncodeBatch gives the bytes of a batch, whose submissions must be in strictly ascending order of their keys.
func EncodeBatch(submissions []Submission) ([]byte, error) {
	if err := checkOrder(submissions); err != nil {
		return nil, err
	}
	size := 3
	for i := range submissions {
		size += 32 + 32 + 1 + 640 + 4 + len(submissions[i].Sealed)
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
		switch mark := r.uint8(); mark {
		case 0:
		case 1:
			s.Points = readOpening(r)
		default:
			r.fail("ticket %d: the mark of an opening is %d, want 0 or 1", len(submissions), mark)
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
