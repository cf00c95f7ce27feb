// Package anchoring brings the log's checkpoints to Ethereum, with the signatures of both organisations.
//
// The chain is the truth: each round asks the contract what it holds and works from there, so that a round that failed
// anywhere, or a process that was killed, is mended by the next round. What must not be done twice is a transaction; it
// is signed once, kept in the database, and sent again until the chain has taken it.
package anchoring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/hotstate"
)

// A Log is what is anchored.
type Log interface {
	// Checkpoint is its newest state.
	Checkpoint(ctx context.Context) (statement.State, error)
	// CheckGrowth makes sure that it only grew.
	CheckGrowth(ctx context.Context, older, newer statement.State) error
}

// A Cosigner gives the other organisation's signature.
type Cosigner interface {
	Cosign(ctx context.Context, c statement.Checkpoint, byRetail statement.Signature) (statement.Signature, error)
}

// A Lock makes sure that one service anchors at a time. The chain would stand two; they would pay twice.
type Lock interface {
	// Hold returns an error if another holds it.
	Hold(ctx context.Context) error
}

// A Signer signs for the first organisation.
type Signer interface {
	Address() common.Address
	SignStatement(ctx context.Context, s statement.Statement) (statement.Signature, error)
}

// Options say what to anchor, where and when.
type Options struct {
	Node     chain.Node
	DB       chain.DB
	Lock     Lock
	Log      Log
	Signer   Signer
	Cosigner Cosigner
	Signers  chain.Signers
	Account  chain.Account // without its chain
	Budget   *Budget       // of a day; nil: there is none

	ChainID      uint64         // 0: whatever chain the node is on
	Contract     common.Address // zero: the one that was deployed here
	FromBlock    uint64         // Contract was not there before
	Deploy       bool           // make a contract where there is none
	Tickets      uint64         // anchor when so many are new
	Interval     time.Duration  // or any is new after so long
	FinalBlocks  uint64         // on top of a block that counts as final
	Pause        time.Duration  // between rounds
	RoundTimeout time.Duration
	Now          func() time.Time
	Observer     *slog.Logger
}

// A Service does the rounds.
type Service struct {
	Options
	status *status

	newest   hotstate.Anchor // as the round before saw it
	newestAt time.Time       // when it was first seen, by our clock
}

// New makes a service that has not begun.
func New(o Options) *Service { return &Service{Options: o, status: newStatus()} }

// Run does rounds until ctx ends. No error ends it: the next round begins at what the chain says.
func (s *Service) Run(ctx context.Context) {
	for ctx.Err() == nil {
		s.round(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(s.Pause):
		}
	}
}

func (s *Service) round(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.RoundTimeout)
	defer cancel()
	err := s.Lock.Hold(ctx)
	if err == nil {
		err = s.Round(ctx)
	}
	if changed := s.status.round(err); err != nil && changed && ctx.Err() == nil {
		s.Observer.WarnContext(ctx, "not anchoring", "error", err)
	} else if err == nil && changed {
		s.Observer.InfoContext(ctx, "anchoring")
	}
}

// Round looks at the chain and does the next step, if there is one.
func (s *Service) Round(ctx context.Context) error {
	on, err := chain.Open(ctx, s.Node, s.DB, s.ChainID)
	if err != nil {
		return err
	}
	account := s.Account
	account.Chain = on
	contract, from, err := s.contract(ctx, &account)
	if err != nil {
		return err
	}
	newest, err := contract.Follow(ctx, from, s.FinalBlocks)
	if err != nil {
		return err
	}
	// None keeps the others from their work.
	return errors.Join(s.keepBooks(ctx, &account, contract, newest), s.within(s.advance(ctx, &account, contract)), contract.ProveAnchors(ctx))
}

// contract finds the contract that the log is at now, or has it made.
func (s *Service) contract(ctx context.Context, account *chain.Account) (found *chain.Contract, from uint64, err error) {
	if s.Contract != (common.Address{}) {
		found, err = account.Chain.Contract(ctx, s.Contract, s.Signers)
		from = s.FromBlock
	} else {
		found, from, err = account.Chain.Remembered(ctx, s.Signers)
	}
	if errors.Is(err, chain.ErrNotDeployed) && s.Deploy {
		if err := account.Deploy(ctx, s.Signers); err != nil {
			return nil, 0, fmt.Errorf("make the contract: %w", err)
		}
		return nil, 0, fmt.Errorf("%w, chain %d: the transaction that makes it is on its way", chain.ErrNotDeployed, account.Chain.ID)
	}
	if err != nil {
		return nil, 0, err
	}
	return s.latest(ctx, account.Chain, found, from)
}

// latest follows where both organisations have moved the log to. The signers must be the same: others are for an operator
// to configure, and not for a contract to say.
func (s *Service) latest(ctx context.Context, on *chain.Chain, found *chain.Contract, from uint64) (*chain.Contract, uint64, error) {
	successor, err := found.Successor(ctx)
	if err != nil || successor == (common.Address{}) {
		return found, from, err
	}
	next, err := found.Next(ctx, successor, s.Signers)
	if errors.Is(err, chain.ErrWrongContract) {
		return nil, 0, fmt.Errorf("the log has moved to %s, and the accounts that sign there are not the configured ones: %w", successor, err)
	}
	if err != nil {
		return nil, 0, err
	}
	s.Observer.InfoContext(ctx, "the log has moved", "from", found.Place.Contract, "to", successor)
	if s.Contract == (common.Address{}) {
		if err := on.Move(ctx, found, next); err != nil {
			return nil, 0, err
		}
	}
	return s.latest(ctx, on, next, from)
}

// advance brings the transaction on its way to the chain or, if there is none, makes the next one if it is time and within
// the day's budget.
func (s *Service) advance(ctx context.Context, account *chain.Account, contract *chain.Contract) error {
	held, err := contract.State(ctx, nil)
	if err != nil {
		return err
	}
	slot, err := account.Slot(ctx)
	if err != nil {
		return err
	}
	if sent, ok := brings(slot, contract, held); ok {
		_, err := s.budgeted(account, contract, sent.Size).Again(ctx, slot)
		return err
	}
	newest, err := s.Log.Checkpoint(ctx)
	if err != nil {
		return err
	}
	s.status.saw(held.Size, newest.Size)
	if err := s.Log.CheckGrowth(ctx, held, newest); err != nil {
		return err
	}
	due, err := s.due(ctx, contract, held, newest)
	if err != nil || !due {
		return err
	}
	return s.anchor(ctx, account, slot, contract, statement.Checkpoint{Place: contract.Place, Previous: held, Next: newest})
}

// brings says whether the slot has a checkpoint that follows on what the contract holds. What does not, the contract
// would refuse; it may be replaced.
func brings(slot chain.Slot, contract *chain.Contract, held statement.State) (next statement.State, ok bool) {
	if slot.Sent == nil || slot.Sent.To() == nil || *slot.Sent.To() != contract.Place.Contract {
		return next, false
	}
	sent, _, _, ok := chain.Anchored(slot.Sent.Data())
	return sent.Next, ok && sent.Previous == held
}

// due says whether it is time: by the chain's clock, so that neither a restart nor a wrong clock of ours changes anything. On
// a chain that makes no blocks while nothing happens, the time that this process has seen pass counts as well.
func (s *Service) due(ctx context.Context, contract *chain.Contract, held, newest statement.State) (bool, error) {
	grown := newest.Size - held.Size
	if grown == 0 || grown >= s.Tickets {
		return grown != 0, nil
	}
	last, err := hotstate.NewestAnchor(ctx, s.DB, int64(contract.ChainID), contract.Place.Contract[:])
	if errors.Is(err, hotstate.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if !bytes.Equal(last.Transaction, s.newest.Transaction) {
		s.newest, s.newestAt = last, s.Now()
	}
	now, err := contract.Now(ctx)
	return err == nil && max(now.Sub(last.At), s.Now().Sub(s.newestAt)) >= s.Interval, err
}

func (s *Service) anchor(ctx context.Context, account *chain.Account, slot chain.Slot, contract *chain.Contract, next statement.Checkpoint) error {
	byRetail, err := s.Signer.SignStatement(ctx, next)
	if err != nil {
		return err
	}
	byBrands, err := s.Cosigner.Cosign(ctx, next, byRetail)
	if err != nil {
		return err
	}
	sent, err := s.budgeted(account, contract, next.Next.Size).Send(ctx, slot, contract.Anchoring(next, byRetail, byBrands))
	if sent != nil {
		s.Observer.InfoContext(ctx, "sent a checkpoint", "size", next.Next.Size, "root", next.Next.Root,
			"chainId", next.ChainID, "contract", next.Contract, "transaction", sent.Hash())
	}
	return err
}
