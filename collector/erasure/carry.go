package erasure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// carry takes an erasure through its steps. What was done before is done again, or found done.
func (s *Service) carry(ctx context.Context, at *progress, e hotstate.Erasure) error {
	if e.State == hotstate.ErasureRunning {
		if err := s.forget(ctx, at, e); err != nil {
			return err
		}
	}
	if err := s.keys.Readmit(e.MemberIndex); err != nil {
		return err
	}
	return hotstate.FinishErasure(ctx, s.pool, e.ID)
}

func (s *Service) forget(ctx context.Context, at *progress, e hotstate.Erasure) error {
	if err := at.to(ctx, "destroying the key"); err != nil {
		return err
	}
	if err := s.destroy(ctx, &e); err != nil {
		return err
	}
	if err := at.to(ctx, "taking tickets back"); err != nil {
		return err
	}
	if err := s.takeBack(ctx, e); err != nil {
		return err
	}
	if err := s.empty(ctx, at, e); err != nil {
		return err
	}
	if err := s.closeAccount(ctx, at, &e); err != nil {
		return err
	}
	if err := s.awaitView(ctx, e); err != nil {
		return err
	}
	if err := at.to(ctx, "clearing the database"); err != nil {
		return err
	}
	return s.clear(ctx, e)
}

// destroy destroys the member's key, having kept what is needed of it to forget the rest.
func (s *Service) destroy(ctx context.Context, e *hotstate.Erasure) error {
	switch member, err := s.keys.Find(e.LoyaltyID); {
	case err == nil:
		e.Account, e.KeyID = member.Account[:], member.KeyID
		if err := hotstate.KeepPseudonym(ctx, s.pool, e.ID, member.Account, member.KeyID); err != nil {
			return err
		}
	case !errors.Is(err, keyring.ErrUnknown) && !errors.Is(err, keyring.ErrBarred):
		return err
	}
	if err := hotstate.GatherTickets(ctx, s.pool, *e); err != nil {
		return err
	}
	return s.keys.Forget(e.LoyaltyID, e.KeyID)
}

// takeBack turns accepted tickets into those of nobody, and waits for those that are endorsed.
func (s *Service) takeBack(ctx context.Context, e hotstate.Erasure) error {
	var onTheirWay int64
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := hotstate.ForgetOrders(ctx, tx, e.LoyaltyID); err != nil {
			return err
		}
		accepted, left, err := hotstate.TakeBack(ctx, tx, e)
		if err != nil {
			return err
		}
		onTheirWay = left
		stripped := make([]hotstate.StrippedTicket, len(accepted))
		for i := range accepted {
			if stripped[i], err = s.strip(accepted[i]); err != nil {
				return err
			}
		}
		return hotstate.StripTickets(ctx, tx, stripped)
	})
	if err != nil {
		return err
	}
	if onTheirWay > 0 {
		return waiting{tickets(onTheirWay) + " on the way to the ledger"}
	}
	return hotstate.GatherTickets(ctx, s.pool, e)
}

func (s *Service) strip(t hotstate.TicketToRecord) (hotstate.StrippedTicket, error) {
	whole, err := ticket.Decode(t.Canonical)
	if err != nil {
		return hotstate.StrippedTicket{}, fmt.Errorf("read accepted ticket %x: %w", t.Key, err)
	}
	stripped := hotstate.StrippedTicket{ID: t.ID, Body: commitment.Trade(whole).Canonical(), Seed: make([]byte, 32)}
	rand.Read(stripped.Seed)
	stripped.ContentMAC = s.keys.ContentMAC(stripped.Body)
	return stripped, nil
}

// closeAccount closes the member's account on the ledger, where there is one, and keeps in which block.
func (s *Service) closeAccount(ctx context.Context, at *progress, e *hotstate.Erasure) error {
	if len(e.Account) == 0 || e.ClosedBlock != nil {
		return nil
	}
	if err := at.to(ctx, "closing the account"); err != nil {
		return err
	}
	block, err := s.forgetAccount(ctx, ledger.Account(e.Account))
	if err != nil {
		return err
	}
	closed := int64(block)
	e.ClosedBlock = &closed
	return hotstate.KeepClosed(ctx, s.pool, e.ID, block)
}

// awaitView waits until the view has the block that closed the account, which was made after the key was destroyed. What the
// projector had opened with the key before is then in the view, and is cleared from there with the rest.
func (s *Service) awaitView(ctx context.Context, e hotstate.Erasure) error {
	if e.ClosedBlock == nil {
		return nil
	}
	next, err := hotstate.ViewNextBlock(ctx, s.pool, s.ledger.Channel())
	if err != nil {
		return err
	}
	if block := uint64(*e.ClosedBlock); next <= block {
		return waiting{fmt.Sprintf("the view, which is at block %d, to come past block %d", next, block)}
	}
	return nil
}

// clearedAtOnce bounds the tickets whose hashes are made anew at a time.
const clearedAtOnce = 500

// clear empties the database of the member, in one commit.
func (s *Service) clear(ctx context.Context, e hotstate.Erasure) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for after := int64(0); ; {
			parts, err := hotstate.TradeParts(ctx, tx, e.LoyaltyID, after, clearedAtOnce)
			if err != nil {
				return err
			}
			if len(parts) == 0 {
				return hotstate.ClearMember(ctx, tx, e)
			}
			after = parts[len(parts)-1].ID
			if err := s.forgetTickets(ctx, tx, parts); err != nil {
				return err
			}
		}
	})
}

// forgetTickets gives tickets the hash of what is left of them. A ticket that the view does not show cannot be known again.
func (s *Service) forgetTickets(ctx context.Context, tx pgx.Tx, parts []hotstate.TradePart) error {
	ids, macs := make([]int64, len(parts)), make([][]byte, len(parts))
	for i, part := range parts {
		trade := part.Trade
		if trade == nil {
			trade = make([]byte, 32)
			rand.Read(trade)
		}
		ids[i], macs[i] = part.ID, s.keys.ContentMAC(trade)
	}
	return hotstate.ForgetTickets(ctx, tx, ids, macs)
}
