package contract

import (
	"errors"
	"fmt"
	"time"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// A judgement works through a batch of tickets.
type judgement struct {
	*transaction
	rules  points.Programme
	answer ledger.Answer
	flags  []flags
	moved  []bool // which tickets' undoes were carried out
}

func newJudgement(t *transaction, rules points.Programme, tickets int) *judgement {
	return &judgement{
		transaction: t, rules: rules, flags: make([]flags, tickets), moved: make([]bool, tickets),
		answer: ledger.Answer{Already: make(map[int]string), Reasons: make(map[int]string), Flags: make(map[int]string)},
	}
}

// record decides on each ticket of a batch. What tickets undo and redeem comes after all of them are recorded, so that a
// batch may hold a sale and its return in any order; voids come after returns, since a void may undo a return.
func record(t *transaction, with ledger.Batch) (ledger.Answer, error) {
	batch := with.Submissions
	if len(with.Lots) == 0 {
		return ledger.Answer{}, errors.New("the batch has no bodies")
	}
	if err := t.fetch(plainKeys(batch)...); err != nil {
		return ledger.Answer{}, err
	}
	rules, err := t.programme()
	if err != nil {
		return ledger.Answer{}, err
	}
	j := newJudgement(t, rules, len(batch))
	letters := make([]byte, len(batch))
	for i := range batch {
		letter, err := j.ticket(i, &batch[i])
		if err != nil {
			return ledger.Answer{}, fmt.Errorf("ticket %d: %w", i, err)
		}
		letters[i] = byte(letter)
	}
	recorded := func(i int) bool { return letters[i] == byte(ledger.Recorded) }
	if err := j.keepBodies(with, recorded); err != nil {
		return ledger.Answer{}, err
	}
	if err := j.undoAndRedeem(batch, recorded); err != nil {
		return ledger.Answer{}, err
	}
	j.answer.Outcomes = string(letters)
	return j.answer, nil
}

// plainKeys are those that every ticket needs: they are read at once. An own entry is read because a credit must never
// replace another one.
func plainKeys(batch []ledger.Submission) []string {
	keys := make([]string, 1, 1+2*len(batch))
	keys[0] = ledger.ProgrammeKey
	for i := range batch {
		keys = append(keys, ledger.RecordKey(batch[i].Key))
	}
	for i := range batch {
		if o := batch[i].Points; o != nil && o.Account != (ledger.Account{}) {
			rest, _ := ownAmount(o)
			keys = append(keys, ledger.EntryKey(o.Account, o.EntryID, rest))
		}
	}
	return keys
}

// ownAmount is what a ticket earns points from by itself: its eligible amount without what it takes back of others.
func ownAmount(o *commitment.Opening) (amount int64, plausible bool) {
	amount = o.Eligible
	for _, undo := range o.Undoes {
		if !isAmount(amount) || !isAmount(undo.Amount) {
			return 0, false
		}
		amount -= undo.Amount
	}
	return amount, isAmount(amount)
}

// isAmount tells whether a ticket can hold the amount.
func isAmount(amount int64) bool {
	return -points.MaxEligible <= amount && amount <= points.MaxEligible
}

func (j *judgement) ticket(i int, s *ledger.Submission) (ledger.Outcome, error) {
	there, err := j.get(ledger.RecordKey(s.Key))
	if err != nil {
		return 0, err
	}
	if there != nil {
		return j.alreadyThere(i, s, there)
	}
	if refusal := j.refusal(s); refusal != "" {
		j.answer.Reasons[i] = refusal
		return ledger.Refused, nil
	}
	if err := j.accrue(s); err != nil {
		return 0, err
	}
	j.record(i, s)
	return ledger.Recorded, nil
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
	j.answer.Already[i] = record.TransactionID.String()
	return ledger.Already, nil
}

// refusal checks an opening against the commitment and says why a ticket is not recorded, "" if it is. Reasons stand in
// the block: they name no value.
func (j *judgement) refusal(s *ledger.Submission) string {
	o := s.Points
	if o == nil {
		return ""
	}
	rest, plausible := ownAmount(o)
	if _, err := time.Parse(time.DateOnly, o.BusinessDay); err != nil || !plausible || !points.IsCurrency(o.Currency) {
		return "the opening's amounts, currency or business day are malformed"
	}
	if o.Root() != s.Commitment {
		return "the opening does not belong to the commitment"
	}
	if o.Account == (ledger.Account{}) {
		return ""
	}
	if _, err := j.rules.RuleFor(o.BusinessDay); err != nil {
		return "no points rule was in force on the business day"
	}
	if j.known[ledger.EntryKey(o.Account, o.EntryID, rest)] != nil {
		return "the points entry exists already"
	}
	return ""
}

// accrue writes the entry of what a ticket earns by itself.
func (j *judgement) accrue(s *ledger.Submission) error {
	o := s.Points
	if o == nil || o.Account == (ledger.Account{}) {
		return nil
	}
	rule, err := j.rules.RuleAt(o.BusinessDay, j.now)
	if err != nil {
		return err
	}
	entry := ledger.Entry{
		Kind: ledger.Accrual, Currency: o.Currency, BusinessDay: o.BusinessDay,
		RuleVersion: rule.Version, ExpiryMonth: rule.Expiry(j.now),
	}
	if rule.Currency != "" && rule.Currency != o.Currency {
		if s.Conversion.Rate == 0 {
			return fmt.Errorf("the programme counts in %s, and the batch gives no conversion from %s", rule.Currency, o.Currency)
		}
		entry.Conversion, entry.Source = s.Conversion.Rate, s.Conversion.Source
		j.answer.Programme = j.rules.Version()
	}
	entry.Eligible, _ = ownAmount(o)
	entry.Points = rule.Earned(entry.Eligible, entry.Conversion)
	return j.putEntry(o.Account, o.EntryID, entry)
}

func (j *judgement) record(i int, s *ledger.Submission) {
	record := ledger.Record{
		Commitment:    s.Commitment,
		Programme:     j.rules.Version(),
		TransactionID: j.id,
		Chunk:         uint8(i / ledger.ChunkSlots),
		Slot:          uint8(i % ledger.ChunkSlots),
	}
	j.put(ledger.RecordKey(s.Key), record.Encode())
}

// keepBodies writes the chunks of the tickets that are recorded. Of one that is not, its lot tells no person, and its slot
// stays empty: what erasure will not look for must not be there.
func (j *judgement) keepBodies(batch ledger.Batch, recorded func(i int) bool) error {
	for number, lot := range batch.Lots {
		first := number * ledger.ChunkSlots
		end := min(first+ledger.ChunkSlots, len(batch.Submissions))
		chunk := ledger.Chunk{Lot: lot, Slots: make([]ledger.Slot, end-first)}
		needed := false
		for i := first; i < end; i++ {
			if recorded(i) {
				chunk.Slots[i-first].Sealed, needed = batch.Submissions[i].Sealed, true
			}
		}
		if !needed {
			continue
		}
		value, err := ledger.EncodeChunk(chunk)
		if err != nil {
			return err
		}
		j.private = append(j.private, keyValue{ledger.ChunkKey(j.id.String(), uint8(number)), value})
	}
	return nil
}
