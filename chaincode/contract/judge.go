package contract

import (
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// A keyValue is one write.
type keyValue struct {
	key   string
	value []byte
}

// writes are what a transaction puts on the ledger.
type writes struct {
	public, private []keyValue
}

// outcome is what a batch comes to, given the state before it.
type outcome struct {
	answer ledger.Answer
	writes writes
}

// A judgement works through a batch. It is free of any input or output: the same batch and state give the same outcome
// at both organisations.
type judgement struct {
	state   state
	outcome outcome
	letters []byte
	slots   []ledger.Slot   // of the chunk being filled
	chunks  int             // already written
	entries map[string]bool // written by this transaction, which GetState cannot see
	totals  ledger.Totals
}

// judge decides on each ticket of a batch and collects the writes.
func judge(batch []ledger.Submission, s state) (outcome, error) {
	j := judgement{state: s, letters: make([]byte, len(batch)), entries: make(map[string]bool)}
	j.outcome.answer = ledger.Answer{Already: make(map[int]string), Reasons: make(map[int]string)}
	for i := range batch {
		letter, err := j.ticket(i, &batch[i])
		if err != nil {
			return outcome{}, fmt.Errorf("ticket %d: %w", i, err)
		}
		j.letters[i] = byte(letter)
	}
	if err := j.finishChunk(); err != nil {
		return outcome{}, err
	}
	if j.totals != (ledger.Totals{}) {
		j.put(ledger.TotalsKey(s.transaction.String()), j.totals.Encode())
	}
	j.outcome.answer.Outcomes = string(j.letters)
	return j.outcome, nil
}

func (j *judgement) ticket(i int, s *ledger.Submission) (ledger.Outcome, error) {
	if recorded := j.state.records[i]; recorded != nil {
		return j.alreadyThere(i, s, recorded)
	}
	entry, refusal := j.accrual(i, s)
	if refusal != "" {
		j.outcome.answer.Reasons[i] = refusal
		return ledger.Refused, nil
	}
	if entry != nil {
		if err := j.credit(s.Points, entry); err != nil {
			return 0, err
		}
	}
	return ledger.Recorded, j.record(s)
}

// alreadyThere compares with the record on the ledger.
func (j *judgement) alreadyThere(i int, s *ledger.Submission, value []byte) (ledger.Outcome, error) {
	record, err := ledger.DecodeRecord(value)
	if err != nil {
		return 0, err
	}
	if record.Commitment != s.Commitment {
		return ledger.Conflict, nil
	}
	j.outcome.answer.Already[i] = record.TransactionID.String()
	return ledger.Already, nil
}

// accrual checks a member's opening against the commitment and computes the points, or says why it will not. Reasons
// stand in the block: they name no value.
func (j *judgement) accrual(i int, s *ledger.Submission) (*ledger.Entry, string) {
	o := s.Points
	if o == nil {
		return nil, ""
	}
	if o.Account == ([16]byte{}) {
		return nil, "the opening names no account"
	}
	if !plausible(o) {
		return nil, "the opening's amount, currency or business day is malformed"
	}
	if o.Root() != s.Commitment {
		return nil, "the opening does not belong to the commitment"
	}
	rule, err := j.state.programme.RuleFor(o.BusinessDay)
	if err != nil {
		return nil, "no points rule was in force on the business day"
	}
	key := ledger.EntryKey(o.Account, o.EntryID, o.Eligible)
	if j.state.entries[i] != nil || j.entries[key] {
		return nil, "the points entry exists already"
	}
	return &ledger.Entry{
		Kind:        ledger.Accrual,
		Points:      points.Earned(o.Eligible, rule.RateBasisPoints),
		Eligible:    o.Eligible,
		Currency:    o.Currency,
		BusinessDay: o.BusinessDay,
		RuleVersion: rule.Version,
	}, ""
}

// plausible keeps out what no ticket can hold; that the values are the ticket's own is the commitment's matter.
func plausible(o *commitment.Opening) bool {
	for _, letter := range []byte(o.Currency) {
		if letter < 'A' || letter > 'Z' {
			return false
		}
	}
	_, err := time.Parse(time.DateOnly, o.BusinessDay)
	return err == nil && -points.MaxEligible <= o.Eligible && o.Eligible <= points.MaxEligible
}

// credit writes the points entry and adds it to the totals. The entry stands where readState looked for it: its prefix
// follows the sign of the amount, so that a return too small to cost a point is a debit still.
func (j *judgement) credit(o *commitment.Opening, entry *ledger.Entry) error {
	value, err := entry.Encode()
	if err != nil {
		return err
	}
	key := ledger.EntryKey(o.Account, o.EntryID, o.Eligible)
	j.entries[key] = true
	j.put(key, value)
	if entry.Points < 0 {
		j.totals.Debited -= entry.Points
	} else {
		j.totals.Issued += entry.Points
	}
	return nil
}

func (j *judgement) record(s *ledger.Submission) error {
	record := ledger.Record{
		Commitment:    s.Commitment,
		Programme:     j.state.programme.Version(),
		TransactionID: j.state.transaction,
		Chunk:         uint8(j.chunks),
		Slot:          uint8(len(j.slots)),
	}
	j.put(ledger.RecordKey(s.Key), record.Encode())
	j.slots = append(j.slots, ledger.Slot{Key: s.Key, Sealed: s.Sealed})
	if len(j.slots) == ledger.ChunkSlots {
		return j.finishChunk()
	}
	return nil
}

func (j *judgement) finishChunk() error {
	if len(j.slots) == 0 {
		return nil
	}
	value, err := ledger.EncodeChunk(j.slots)
	if err != nil {
		return err
	}
	key := ledger.ChunkKey(j.state.transaction.String(), uint8(j.chunks))
	j.outcome.writes.private = append(j.outcome.writes.private, keyValue{key, value})
	j.chunks++
	j.slots = j.slots[:0]
	return nil
}

func (j *judgement) put(key string, value []byte) {
	j.outcome.writes.public = append(j.outcome.writes.public, keyValue{key, value})
}
