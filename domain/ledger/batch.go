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
	Originals  []*Original         // one for each of the opening's undoes, nil where it is not known; or none at all
	Conversion Conversion
	Sealed     []byte
}

// An Original is the ticket that another one undoes.
type Original struct {
	Key       TicketKey
	Opening   *commitment.Opening
	Originals []*Original // of the tickets that it undoes itself; only where it is voided
}

// A Conversion is the rate at which a ticket's amount counts in the programme's currency.
type Conversion struct {
	Rate   int64  // billionths of the programme's minor unit for one of the ticket's; 0: none
	Source string // ASCII, up to 32 bytes
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
		var err error
		if dst, err = appendSubmission(dst, &submissions[i]); err != nil {
			return nil, fmt.Errorf("batch: ticket %d: %w", i, err)
		}
	}
	return dst, nil
}

func appendSubmission(dst []byte, s *Submission) ([]byte, error) {
	dst = append(dst, s.Key[:]...)
	dst = append(dst, s.Commitment[:]...)
	if s.Points == nil {
		dst = append(dst, 0)
	} else {
		var err error
		if dst, err = appendOpening(append(dst, 1), s.Points); err != nil {
			return nil, err
		}
		if dst, err = appendOriginals(dst, s.Points, s.Originals, true); err != nil {
			return nil, err
		}
		if dst, err = appendConversion(dst, s.Conversion); err != nil {
			return nil, err
		}
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(s.Sealed)))
	return append(dst, s.Sealed...), nil
}

// DecodeBatch reads a batch. The sealed bodies alias it.
func DecodeBatch(value []byte) ([]Submission, error) {
	r := newReader("batch", value)
	submissions := make([]Submission, 0, min(int(r.uint16()), MaxBatch+1))
	for range cap(submissions) {
		s := readSubmission(r)
		if r.err != nil {
			return nil, fmt.Errorf("ticket %d: %w", len(submissions), r.err)
		}
		submissions = append(submissions, s)
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return submissions, checkOrder(submissions)
}

func readSubmission(r *reader) Submission {
	var s Submission
	r.copy(s.Key[:])
	r.copy(s.Commitment[:])
	if r.mark("an opening") {
		s.Points = readOpening(r)
		s.Originals = readOriginals(r, s.Points, true)
		s.Conversion = readConversion(r)
	}
	s.Sealed = r.take(int(r.uint32()))
	return s
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
