package contract

import (
	"fmt"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// redeemAll does what a ticket's tenders in points say: it captures holds and gives points back. A till has sold what it
// sold: nothing here refuses a ticket.
func (j *judgement) redeemAll(i int, o *commitment.Opening) error {
	var order []ledger.HoldID
	sums := make(map[ledger.HoldID]int64)
	for _, redemption := range o.Redemptions {
		id, err := ledger.ParseHoldID(redemption.ID)
		if err != nil || !isAmount(redemption.Points) {
			j.flags[i].add(ledger.UnknownHold)
			continue
		}
		if _, known := sums[id]; !known {
			order = append(order, id)
		}
		sums[id] += redemption.Points // at most 50 tenders: no overflow
	}
	for _, id := range order {
		flag, err := j.redeem(o, id, sums[id])
		if err != nil {
			return fmt.Errorf("redemption %s: %w", id, err)
		}
		j.flags[i].add(flag)
	}
	return nil
}

func (j *judgement) redeem(o *commitment.Opening, id ledger.HoldID, amount int64) (flag ledger.Flag, err error) {
	hold, err := j.hold(id)
	if err != nil || amount == 0 {
		return 0, err
	}
	if hold == nil {
		return ledger.UnknownHold, nil
	}
	if amount > 0 {
		flag, err = j.pay(o, id, hold, amount)
	} else {
		flag, err = j.giveBack(o, id, hold, -amount)
	}
	if err != nil {
		return 0, err
	}
	j.put(ledger.HoldKey(id), ledger.EncodeHold(*hold))
	return flag, nil
}

// pay captures a hold. What it does not cover is debited all the same, and may take the account below zero.
func (j *judgement) pay(o *commitment.Opening, id ledger.HoldID, hold *account.Hold, amount int64) (ledger.Flag, error) {
	if hold.State == account.Held {
		if err := j.capture(id, hold, min(amount, hold.Points)); err != nil {
			return 0, err
		}
	}
	missing := hold.Claim(amount)
	if missing == 0 {
		return 0, nil
	}
	return ledger.Uncovered, j.addEntry(hold.Account, ledger.OverdrawnID(o.EntryID, id), ledger.Entry{
		Kind: ledger.Overdrawn, Points: -missing, Currency: o.Currency, BusinessDay: o.BusinessDay,
	})
}

// capture pays with points of an open hold, and gives the head what is not used.
func (t *transaction) capture(id ledger.HoldID, hold *account.Hold, amount int64) error {
	head, err := t.head(hold.Account)
	if err != nil {
		return err
	}
	head.Capture(id, hold, amount)
	t.totals.Held -= hold.Points
	t.totals.Redeemed += hold.Captured
	t.putHead(hold.Account, head)
	return nil
}

// giveBack credits what had been paid with. Points whose month has passed meanwhile are good to the end of this one.
func (j *judgement) giveBack(o *commitment.Opening, id ledger.HoldID, hold *account.Hold, amount int64) (ledger.Flag, error) {
	back := hold.GiveBack(amount)
	for n, part := range back {
		month := part.Month
		if month.Passed(j.now) {
			month = points.MonthOf(j.now)
		}
		err := j.addEntry(hold.Account, ledger.GiveBackID(o.EntryID, id, n), ledger.Entry{
			Kind: ledger.GivenBack, Points: part.Points, Currency: o.Currency, BusinessDay: o.BusinessDay, ExpiryMonth: month,
		})
		if err != nil {
			return 0, err
		}
	}
	if account.Sum(back) < amount {
		return ledger.NotPaid, nil
	}
	return 0, nil
}

// hold reads a hold, nil if there is none.
func (t *transaction) hold(id ledger.HoldID) (*account.Hold, error) {
	value, err := t.get(ledger.HoldKey(id))
	if err != nil || value == nil {
		return nil, err
	}
	hold, err := ledger.DecodeHold(value)
	return &hold, err
}

func (t *transaction) head(of ledger.Account) (*account.Head, error) {
	value, err := t.get(ledger.HeadKey(of))
	if err != nil {
		return nil, err
	}
	head, err := ledger.DecodeHead(value)
	return &head, err
}

func (t *transaction) putHead(of ledger.Account, head *account.Head) {
	head.Revision++
	t.put(ledger.HeadKey(of), ledger.EncodeHead(*head))
}
