package contract

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
)

// settle carries out the undoes of recorded tickets that are not carried out yet.
func settle(t *transaction, of ledger.Batch) (ledger.Answer, error) {
	batch := of.Submissions
	keys := []string{ledger.ProgrammeKey}
	for i := range batch {
		keys = append(keys, ledger.RecordKey(batch[i].Key))
	}
	if err := t.fetch(keys...); err != nil {
		return ledger.Answer{}, err
	}
	rules, err := t.programme()
	if err != nil {
		return ledger.Answer{}, err
	}
	j := newJudgement(t, rules, len(batch))
	letters := make([]byte, len(batch))
	for i := range batch {
		letter, err := j.settled(i, &batch[i])
		if err != nil {
			return ledger.Answer{}, fmt.Errorf("ticket %d: %w", i, err)
		}
		letters[i] = byte(letter)
	}
	recorded := func(i int) bool { return letters[i] == byte(ledger.Already) }
	if err := j.fetch(undoKeys(batch, recorded)...); err != nil {
		return ledger.Answer{}, err
	}
	if err := j.undoAll(batch, recorded); err != nil {
		return ledger.Answer{}, err
	}
	for i, moved := range j.moved {
		if moved {
			letters[i] = byte(ledger.Recorded)
		}
	}
	j.answer.Outcomes = string(letters)
	return j.answer, nil
}

// settled checks that a ticket is recorded as the batch says.
func (j *judgement) settled(i int, s *ledger.Submission) (ledger.Outcome, error) {
	value, err := j.get(ledger.RecordKey(s.Key))
	if err != nil {
		return 0, err
	}
	if value == nil {
		return ledger.Missing, nil
	}
	outcome, err := j.alreadyThere(i, s, value)
	if err != nil || outcome == ledger.Conflict {
		return outcome, err
	}
	if s.Points == nil || s.Points.Root() != s.Commitment || !plausible(s.Points) {
		j.answer.Reasons[i] = "the opening does not belong to the commitment"
		return ledger.Refused, nil
	}
	return ledger.Already, nil
}

func plausible(o *commitment.Opening) bool {
	_, plausible := ownAmount(o)
	return plausible
}
