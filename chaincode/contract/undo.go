package contract

import (
	"fmt"
	"strings"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
)

// flags are what there is to tell of one ticket, each once.
type flags []ledger.Flag

func (f *flags) add(flag ledger.Flag) {
	if flag != 0 && !strings.Contains(f.String(), string(rune(flag))) {
		*f = append(*f, flag)
	}
}

func (f flags) String() string {
	letters := make([]byte, len(f))
	for i, flag := range f {
		letters[i] = byte(flag)
	}
	return string(letters)
}

// undoAndRedeem does what the chosen tickets of a batch do beyond earning points.
func (j *judgement) undoAndRedeem(batch []ledger.Submission, chosen func(int) bool) error {
	if err := j.fetch(undoKeys(batch, chosen)...); err != nil {
		return err
	}
	for i := range batch {
		if chosen(i) && batch[i].Points != nil {
			if err := j.redeemAll(i, batch[i].Points); err != nil {
				return fmt.Errorf("ticket %d: %w", i, err)
			}
		}
	}
	return j.undoAll(batch, chosen)
}

// undoAll takes back what tickets undo; returns before voids.
func (j *judgement) undoAll(batch []ledger.Submission, chosen func(int) bool) error {
	for _, void := range []bool{false, true} {
		for i := range batch {
			s := &batch[i]
			if !chosen(i) || s.Points == nil {
				continue
			}
			for n, undo := range s.Points.Undoes {
				if undo.Void != void {
					continue
				}
				before := len(j.public)
				if err := j.undo(&j.flags[i], s.Points, undo, at(s.Originals, n)); err != nil {
					return fmt.Errorf("ticket %d: undo %d: %w", i, n, err)
				}
				j.moved[i] = j.moved[i] || len(j.public) > before
			}
		}
	}
	for i := range j.flags {
		if len(j.flags[i]) > 0 {
			j.answer.Flags[i] = j.flags[i].String()
		}
	}
	return nil
}

// at gives an original, nil where there is none.
func at(originals []*ledger.Original, n int) *ledger.Original {
	if n < len(originals) {
		return originals[n]
	}
	return nil
}

// undo takes back what a ticket undoes of one other. Whatever is wrong with the original given, the undo waits: a ticket
// is no worse for what its collector did not find.
func (j *judgement) undo(f *flags, own *commitment.Opening, undo commitment.Undo, original *ledger.Original) error {
	found, err := j.isOriginal(original, undo)
	if err != nil {
		return err
	}
	if !found {
		f.add(ledger.Waits)
		return nil
	}
	if undo.Void {
		return j.void(f, own, undo, original)
	}
	return j.takeBack(f, own, original.Opening, undo.Amount)
}

// isOriginal tells whether an original is recorded and is the one that an undo names.
func (j *judgement) isOriginal(original *ledger.Original, undo commitment.Undo) (bool, error) {
	if original == nil || original.Opening.Reference != undo.Reference {
		return false, nil
	}
	if _, plausible := ownAmount(original.Opening); !plausible {
		return false, nil
	}
	value, err := j.get(ledger.RecordKey(original.Key))
	if err != nil || value == nil {
		return false, err
	}
	record, err := ledger.DecodeRecord(value)
	if err != nil {
		return false, err
	}
	return record.Commitment == original.Opening.Root(), nil
}

// void undoes all that a ticket did: what it earned itself, and what it took back of others. It waits until the voided
// ticket has taken back everything that it does.
func (j *judgement) void(f *flags, own *commitment.Opening, undo commitment.Undo, voided *ledger.Original) error {
	o := voided.Opening
	for n, earlier := range o.Undoes {
		if earlier.Void {
			f.add(ledger.VoidOfVoid)
			return nil
		}
		done, err := j.isDone(o, earlier, at(voided.Originals, n))
		if err != nil {
			return err
		}
		if !done {
			f.add(ledger.Waits)
			return nil
		}
	}
	if undo.Amount != -o.Eligible {
		f.add(ledger.Excess)
	}
	rest, _ := ownAmount(o)
	if err := j.takeBack(f, own, o, -rest); err != nil {
		return err
	}
	for n, earlier := range o.Undoes {
		if err := j.takeBack(f, own, voided.Originals[n].Opening, -earlier.Amount); err != nil {
			return err
		}
	}
	return nil
}

// isDone tells whether a ticket's undo has been carried out.
func (j *judgement) isDone(own *commitment.Opening, undo commitment.Undo, original *ledger.Original) (bool, error) {
	found, err := j.isOriginal(original, undo)
	if err != nil || !found || original.Opening.Account == (ledger.Account{}) {
		return found, err
	}
	earned, err := j.entry(original.Opening.Account, original.Opening.EntryID)
	if err != nil || earned == nil {
		return true, err
	}
	keys := ledger.EntryKeys(original.Opening.Account, ledger.UndoID(own.EntryID, original.Opening.EntryID))
	return j.any(keys[:]...)
}

// takeBack takes an amount off what is left of a purchase and moves the points that this amount had earned, on the account
// and by the rule of the purchase; once.
func (j *judgement) takeBack(f *flags, own, purchase *commitment.Opening, amount int64) error {
	if purchase.Account == (ledger.Account{}) {
		return nil
	}
	id := ledger.UndoID(own.EntryID, purchase.EntryID)
	keys := ledger.EntryKeys(purchase.Account, id)
	if done, err := j.any(keys[:]...); err != nil || done {
		return err
	}
	earned, err := j.entry(purchase.Account, purchase.EntryID)
	if err != nil || earned == nil { // recorded without its points: it earned none
		return err
	}
	left, err := j.purchase(purchase.EntryID, earned)
	if err != nil {
		return err
	}
	change, excess := left.Undo(amount)
	if excess {
		f.add(ledger.Excess)
	}
	j.put(ledger.LeftKey(purchase.EntryID), ledger.EncodeLeft(left.Left))
	return j.putEntry(purchase.Account, id, ledger.Entry{
		Kind: ledger.Undone, Points: change, Eligible: amount, Currency: earned.Currency, BusinessDay: own.BusinessDay,
		RuleVersion: earned.RuleVersion, ExpiryMonth: earned.ExpiryMonth, Conversion: earned.Conversion, Source: earned.Source,
	})
}

// purchase is what an entry earned, with what is left of it.
func (j *judgement) purchase(id ledger.EntryID, earned *ledger.Entry) (account.Purchase, error) {
	rule, err := j.rules.Rule(earned.RuleVersion)
	if err != nil {
		return account.Purchase{}, err
	}
	p := account.Purchase{Rule: rule, Conversion: earned.Conversion, Eligible: earned.Eligible, Left: earned.Eligible}
	value, err := j.get(ledger.LeftKey(id))
	if err != nil || value == nil {
		return p, err
	}
	p.Left, err = ledger.DecodeLeft(value)
	return p, err
}

// undoKeys are what undoes and redemptions need, read at once.
func undoKeys(batch []ledger.Submission, chosen func(int) bool) []string {
	var keys []string
	for i := range batch {
		o := batch[i].Points
		if o == nil || !chosen(i) {
			continue
		}
		for _, redemption := range o.Redemptions {
			if id, err := ledger.ParseHoldID(redemption.ID); err == nil {
				keys = append(keys, ledger.HoldKey(id))
			}
		}
		for n := range o.Undoes {
			keys = appendOriginalKeys(keys, o, at(batch[i].Originals, n))
		}
	}
	return keys
}

func appendOriginalKeys(keys []string, own *commitment.Opening, original *ledger.Original) []string {
	if original == nil {
		return keys
	}
	o := original.Opening
	keys = append(keys, ledger.RecordKey(original.Key))
	if o.Account != (ledger.Account{}) {
		earned, undone := ledger.EntryKeys(o.Account, o.EntryID), ledger.EntryKeys(o.Account, ledger.UndoID(own.EntryID, o.EntryID))
		keys = append(append(append(keys, earned[:]...), undone[:]...), ledger.LeftKey(o.EntryID))
	}
	for _, earlier := range original.Originals {
		keys = appendOriginalKeys(keys, own, earlier)
		if earlier != nil && earlier.Opening.Account != (ledger.Account{}) {
			done := ledger.EntryKeys(earlier.Opening.Account, ledger.UndoID(o.EntryID, earlier.Opening.EntryID))
			keys = append(keys, done[:]...)
		}
	}
	return keys
}
