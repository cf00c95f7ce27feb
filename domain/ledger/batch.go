package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
)

// MaxBatch is the largest number of tickets in one transaction.
const MaxBatch = 1000

// batchVersion begins a batch. Only the newest is read: what was endorsed before needs no reading any more.
const batchVersion = 2

// TransientBatch is the name of the transient field that carries a batch.
const TransientBatch = "batch"

// A Batch is what one transaction records, or settles.
type Batch struct {
	Submissions []Submission
	Lots        [][]byte // what the bodies of each ChunkSlots tickets have in common, in their order; none: no body is given
}

// A Submission is one ticket of a batch.
type Submission struct {
	Key        TicketKey
	Commitment [32]byte
	Points     *commitment.Opening // nil: the ticket moves no points
	Originals  []*Original         // one for each of the opening's undoes, nil where it is not known; or none at all
	Conversion Conversion
	Sealed     []byte // the person part of its body
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
func EncodeBatch(batch Batch) ([]byte, error) {
	if err := batch.check(); err != nil {
		return nil, err
	}
	size := 4
	for i := range batch.Submissions {
		size += 32 + 32 + 1 + 640 + 4 + len(batch.Submissions[i].Sealed)
	}
	for _, lot := range batch.Lots {
		size += 4 + len(lot)
	}
	dst := make([]byte, 0, size)
	dst = append(dst, batchVersion)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(batch.Submissions)))
	for i := range batch.Submissions {
		var err error
		if dst, err = appendSubmission(dst, &batch.Submissions[i]); err != nil {
			return nil, fmt.Errorf("batch: ticket %d: %w", i, err)
		}
	}
	dst = append(dst, uint8(len(batch.Lots)))
	for _, lot := range batch.Lots {
		dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(lot))), lot...)
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
func DecodeBatch(value []byte) (Batch, error) {
	r := newReader("batch", value, batchVersion)
	batch := Batch{Submissions: make([]Submission, 0, min(int(r.uint16()), MaxBatch+1))}
	for range cap(batch.Submissions) {
		s := readSubmission(r)
		if r.err != nil {
			return Batch{}, fmt.Errorf("ticket %d: %w", len(batch.Submissions), r.err)
		}
		batch.Submissions = append(batch.Submissions, s)
	}
	for range r.uint8() {
		batch.Lots = append(batch.Lots, r.take(int(r.uint32())))
	}
	if err := r.finish(); err != nil {
		return Batch{}, err
	}
	return batch, batch.check()
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

func (b Batch) check() error {
	if len(b.Submissions) == 0 || len(b.Submissions) > MaxBatch {
		return fmt.Errorf("batch: %d tickets, want 1 to %d", len(b.Submissions), MaxBatch)
	}
	for i := 1; i < len(b.Submissions); i++ {
		if bytes.Compare(b.Submissions[i-1].Key[:], b.Submissions[i].Key[:]) >= 0 {
			return fmt.Errorf("batch: ticket %d: keys must ascend, each once", i)
		}
	}
	if want := (len(b.Submissions) + ChunkSlots - 1) / ChunkSlots; len(b.Lots) != 0 && len(b.Lots) != want {
		return fmt.Errorf("batch: %d lots for %d tickets, want %d or none", len(b.Lots), len(b.Submissions), want)
	}
	for i, lot := range b.Lots {
		if len(lot) == 0 {
			return fmt.Errorf("batch: lot %d is empty", i)
		}
	}
	return nil
}
