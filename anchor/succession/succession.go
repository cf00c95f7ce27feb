// Package succession is how both organisations move the log to another contract, when a key or the contract's code is to be
// another. Each of them does its part by hand, and what passes between them is a file:
//
//	{"chainId":1,"contract":"0x…","epoch":1,"size":7,"root":"0x…","successor":"0x…",
//	 "retail":"0x…","brands":"0x…","byRetail":"0x…","byBrands":"0x…"}
//
// retail and brands are the accounts that sign at the successor. byRetail and byBrands are signatures by those who sign at
// the contract now, over the Succession (package statement); the second is missing in a proposal.
package succession

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/statement"
)

// A Proposal is the file.
type Proposal struct {
	ChainID   uint64               `json:"chainId"`
	Contract  common.Address       `json:"contract"`
	Epoch     uint64               `json:"epoch"`
	Size      uint64               `json:"size"`
	Root      common.Hash          `json:"root"`
	Successor common.Address       `json:"successor"`
	Retail    common.Address       `json:"retail"`
	Brands    common.Address       `json:"brands"`
	ByRetail  statement.Signature  `json:"byRetail"`
	ByBrands  *statement.Signature `json:"byBrands,omitempty"`
}

// Errors that say why a proposal is not agreed to.
var (
	ErrOtherSigners = errors.New("the successor's signers are not the ones that were agreed on")
	ErrMoved        = errors.New("the contract stands elsewhere than the proposal says: it has to be made anew")
	ErrNotAgreed    = errors.New("the other organisation has not signed")
)

// A Signer signs for one organisation.
type Signer interface {
	SignStatement(ctx context.Context, s statement.Statement) (statement.Signature, error)
}

func (p Proposal) statement() statement.Succession {
	return statement.Succession{
		Place: statement.Place{ChainID: p.ChainID, Contract: p.Contract, Epoch: p.Epoch},
		At:    statement.State{Size: p.Size, Root: p.Root}, Successor: p.Successor,
	}
}

// Signers are the successor's.
func (p Proposal) Signers() chain.Signers { return chain.Signers{Retail: p.Retail, Brands: p.Brands} }

// Propose makes the successor, if it was not made before, and signs for it as the first organisation.
func Propose(ctx context.Context, account *chain.Account, at *chain.Contract, next chain.Signers, signer Signer, pause time.Duration) (Proposal, error) {
	made, err := account.MakeSuccessor(ctx, at, next, pause)
	if err != nil {
		return Proposal{}, fmt.Errorf("make the successor: %w", err)
	}
	held, err := at.State(ctx, nil)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{ChainID: at.ChainID, Contract: at.Place.Contract, Epoch: at.Epoch, Size: held.Size, Root: held.Root,
		Successor: made.Place.Contract, Retail: next.Retail, Brands: next.Brands}
	p.ByRetail, err = signer.SignStatement(ctx, p.statement())
	return p, err
}

// Agree signs for the successor as the other organisation, by its own Ethereum node: at is the contract that it knows, and
// next are the signers that it wants.
func (p Proposal) Agree(ctx context.Context, at *chain.Contract, now, next chain.Signers, signer Signer) (Proposal, error) {
	if p.Signers() != next {
		return p, fmt.Errorf("%w: they are %s and %s", ErrOtherSigners, p.Retail, p.Brands)
	}
	if err := p.check(ctx, at); err != nil {
		return p, err
	}
	if err := p.ByRetail.Verify(p.statement(), now.Retail); err != nil {
		return p, err
	}
	byBrands, err := signer.SignStatement(ctx, p.statement())
	p.ByBrands = &byBrands
	return p, err
}

// check holds the proposal against what is on the chain.
func (p Proposal) check(ctx context.Context, at *chain.Contract) error {
	held, err := at.State(ctx, nil)
	if err != nil {
		return err
	}
	if at.Place != p.statement().Place || held != p.statement().At {
		return fmt.Errorf("%w: size %d, epoch %d", ErrMoved, held.Size, at.Epoch)
	}
	next, err := at.Next(ctx, p.Successor, p.Signers())
	if err != nil {
		return err
	}
	begins, err := next.State(ctx, nil)
	if err == nil && begins != held {
		err = fmt.Errorf("%w: the successor is at size %d", ErrMoved, begins.Size)
	}
	return err
}

// Carry brings what both have signed to the contract, and has the account's chain remember the successor.
func (p Proposal) Carry(ctx context.Context, account *chain.Account, at *chain.Contract, pause time.Duration) error {
	if p.ByBrands == nil {
		return ErrNotAgreed
	}
	err := account.Deliver(ctx, at.Succession(p.statement(), p.ByRetail, *p.ByBrands), pause, func(ctx context.Context) (bool, error) {
		successor, err := at.Successor(ctx)
		if err == nil && successor == (common.Address{}) {
			return false, p.check(ctx, at)
		}
		if err == nil && successor != p.Successor {
			err = fmt.Errorf("the log has moved to another contract, %s", successor)
		}
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("move the log to %s: %w", p.Successor, err)
	}
	next, err := at.Next(ctx, p.Successor, p.Signers())
	if err != nil {
		return err
	}
	return account.Chain.Move(ctx, at, next)
}
