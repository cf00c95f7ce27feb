package contract

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
)

// A spending is an account whose head is brought up to date, as every function does that spends from it.
type spending struct {
	*transaction
	account ledger.Account
	head    *account.Head
	folded  ledger.FoldAnswer // what was done
}

// open brings an account's head up to date: the credits that the caller names, all debits, the holds whose time is over,
// and the buckets whose month has passed. What the caller leaves out is its own loss; what speaks against it is not its
// to choose.
func (t *transaction) open(of ledger.Account, fold []ledger.EntryID) (*spending, error) {
	head, err := t.head(of)
	if err != nil {
		return nil, err
	}
	s := &spending{transaction: t, account: of, head: head}
	for _, step := range []func() error{
		func() error { return s.foldCredits(fold) }, s.lapse, s.foldDebits, s.expire,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *spending) save() { s.putHead(s.account, s.head) }

// changed tells whether bringing the head up to date did anything.
func (s *spending) changed() bool {
	return s.folded.Credits > 0 || s.folded.Debits > 0 || s.folded.Lapsed > 0 || s.folded.Expired > 0
}

// foldCredits moves named credits into the head. Those that are there already, or do not exist, are passed over: the
// caller's list may be old.
func (s *spending) foldCredits(ids []ledger.EntryID) error {
	keys := make([]string, 0, 2*len(ids))
	for _, id := range ids {
		keys = append(keys, ledger.EntryKey(s.account, id, 0), ledger.FoldedKey(s.account, id))
	}
	if err := s.fetch(keys...); err != nil {
		return err
	}
	for _, id := range ids {
		key := ledger.EntryKey(s.account, id, 0)
		moved, entry, err := s.move(key, id, s.known[key])
		if err != nil {
			return err
		}
		if moved {
			s.head.Credit(account.Part{Month: entry.ExpiryMonth, Points: entry.Points})
			s.folded.Credits++
		}
	}
	return nil
}

// foldDebits moves the account's debits into the head, all of them unless there are more than one call may take. The range
// read is protected: a debit that another transaction adds meanwhile makes this one invalid.
func (s *spending) foldDebits() error {
	from, to := ledger.DebitRange(s.account)
	debits, err := s.world.Range(from, to, ledger.MaxFold+1)
	if err != nil {
		return err
	}
	if len(debits) > ledger.MaxFold {
		s.folded.More = true
		debits = debits[:ledger.MaxFold]
	}
	ids := make([]ledger.EntryID, len(debits))
	keys := make([]string, len(debits))
	for i, debit := range debits {
		_, id, ok := ledger.ParseEntryKey(debit.key)
		if !ok {
			return fmt.Errorf("key %s is not that of a points entry", debit.key)
		}
		ids[i], keys[i] = id, ledger.FoldedKey(s.account, id)
	}
	if err := s.fetch(keys...); err != nil {
		return err
	}
	for i, debit := range debits {
		moved, entry, err := s.move(debit.key, ids[i], debit.value)
		if err != nil {
			return err
		}
		if moved {
			s.head.Debit(account.Part{Month: entry.ExpiryMonth, Points: -entry.Points})
			s.folded.Debits++
		}
	}
	return nil
}

// move puts an entry where the folded ones stand, so that it can be read and added up for ever. It never replaces one.
func (s *spending) move(key string, id ledger.EntryID, value []byte) (moved bool, entry ledger.Entry, err error) {
	folded := ledger.FoldedKey(s.account, id)
	if value == nil || s.known[folded] != nil {
		return false, entry, nil
	}
	if entry, err = ledger.DecodeEntry(value); err != nil {
		return false, entry, fmt.Errorf("%s: %w", key, err)
	}
	s.delete(key)
	s.put(folded, value)
	return true, entry, nil
}

// lapse releases the holds whose time is over.
func (s *spending) lapse() error {
	now := s.now.Unix()
	return s.release(account.Lapsed, func(hold account.OpenHold) bool { return hold.ExpiresAt < now })
}

// release gives back what chosen open holds keep aside.
func (s *spending) release(state account.State, chosen func(account.OpenHold) bool) error {
	for _, open := range append([]account.OpenHold(nil), s.head.Holds...) {
		if !chosen(open) {
			continue
		}
		hold, err := s.hold(open.ID)
		if err != nil {
			return err
		}
		if hold == nil {
			return fmt.Errorf("hold %s of the head is not on the ledger", ledger.HoldID(open.ID))
		}
		s.head.Release(open.ID, hold, state)
		s.put(ledger.HoldKey(open.ID), ledger.EncodeHold(*hold))
		s.totals.Held -= hold.Points
		s.folded.Lapsed++
	}
	return nil
}

// expire drops the buckets whose month has passed.
func (s *spending) expire() error {
	expired := s.head.Expire(s.now)
	s.totals.Expired += expired
	s.folded.Expired += expired
	return nil
}
