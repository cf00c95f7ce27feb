package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
)

// ErrTooDear says that the chain asks for more than the ceiling allows; it may be cheaper later.
var ErrTooDear = errors.New("the fee on Ethereum is above the ceiling")

// Fees of a transaction by EIP-1559, in wei per gas.
type Fees struct {
	Max *big.Int // at most, base fee and tip together
	Tip *big.Int // of it, at most, for who makes the block
}

// currentFees are what a transaction should offer now: twice the base fee, which is room for six blocks of its fastest
// rise, and the tip that is usual; all of it up to the ceiling.
func (c *Chain) currentFees(ctx context.Context, ceiling *big.Int) (Fees, error) {
	head, err := c.Node.HeaderByNumber(ctx, nil)
	if err != nil {
		return Fees{}, fmt.Errorf("ask the Ethereum node for its newest block: %w", err)
	}
	if head.BaseFee == nil {
		return Fees{}, errors.New("the chain has no base fee (EIP-1559): it is too old for this")
	}
	tip, err := c.Node.SuggestGasTipCap(ctx)
	if err != nil {
		return Fees{}, fmt.Errorf("ask the Ethereum node for the usual tip: %w", err)
	}
	return offer(head.BaseFee, tip, ceiling)
}

func offer(base, tip, ceiling *big.Int) (Fees, error) {
	least := new(big.Int).Add(base, tip)
	if least.Cmp(ceiling) > 0 {
		return Fees{}, fmt.Errorf("%w: %s gwei, and MAX_FEE_GWEI is %s", ErrTooDear, gwei(least), gwei(ceiling))
	}
	comfortable := new(big.Int).Add(least, base)
	if comfortable.Cmp(ceiling) > 0 {
		comfortable = ceiling
	}
	return Fees{Max: comfortable, Tip: tip}, nil
}

// over gives fees by which a transaction replaces another of the same nonce: nodes ask for a tenth more of both. ok is
// false if that is above the ceiling.
func (f Fees) over(old Fees, ceiling *big.Int) (Fees, bool) {
	raised := Fees{Max: larger(f.Max, eighthMore(old.Max)), Tip: larger(f.Tip, eighthMore(old.Tip))}
	if raised.Tip.Cmp(raised.Max) > 0 {
		raised.Max = raised.Tip
	}
	return raised, raised.Max.Cmp(ceiling) <= 0
}

// eighthMore rounds up, so that it grows from 1 wei too.
func eighthMore(n *big.Int) *big.Int {
	more := new(big.Int).Add(n, big.NewInt(7))
	return more.Add(n, more.Rsh(more, 3))
}

func larger(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

func gwei(wei *big.Int) string {
	return new(big.Rat).SetFrac(wei, big.NewInt(1e9)).FloatString(3)
}
