package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/tillproof/tillproof/hotstate"
)

// ErrNoMoney says that the account cannot pay.
var ErrNoMoney = errors.New("the account that pays for transactions has not enough on it")

// A TransactionSigner signs for the account that pays.
type TransactionSigner interface {
	Address() common.Address
	SignTransaction(ctx context.Context, transaction *types.Transaction, chainID *big.Int) (*types.Transaction, error)
}

// An Account sends transactions, one at a time: the next nonce on the chain is a slot, and what is signed for it is kept
// until the chain has taken something there. No other program may use the account.
type Account struct {
	Chain        *Chain
	Signer       TransactionSigner
	Ceiling      *big.Int      // of fees, wei per gas
	ReplaceAfter time.Duration // a transaction not taken by then is sent again for more
	Now          func() time.Time
	Allow        func(ctx context.Context, most *big.Int) error // asked what a transaction may cost, in wei; nil: anything
}

// A Call is what a transaction does. Without To it makes a contract.
type Call struct {
	To   *common.Address
	Data []byte
}

// A Slot is the account's next nonce, with the newest transaction that was signed for it.
type Slot struct {
	Nonce  uint64
	Sent   *types.Transaction // nil: none
	SentAt time.Time
}

// Slot reads it. After a reorganisation it may be an earlier one again, whose transaction then is to be sent again.
func (a *Account) Slot(ctx context.Context) (Slot, error) {
	nonce, err := a.Chain.Node.NonceAt(ctx, a.Signer.Address(), nil)
	if err != nil {
		return Slot{}, fmt.Errorf("ask the Ethereum node for the account's nonce: %w", err)
	}
	slot := Slot{Nonce: nonce}
	kept, err := hotstate.NewestAnchorTransaction(ctx, a.Chain.DB, a.Chain.key(), a.address(), int64(nonce))
	if errors.Is(err, hotstate.ErrNotFound) {
		return slot, nil
	}
	if err != nil {
		return slot, err
	}
	slot.Sent, slot.SentAt = new(types.Transaction), kept.SentAt
	if err := slot.Sent.UnmarshalBinary(kept.Raw); err != nil {
		return slot, fmt.Errorf("read the kept transaction %x: %w", kept.Hash, err)
	}
	return slot, nil
}

func (a *Account) address() []byte { return a.Signer.Address().Bytes() }

// Send tries a call and, if it would succeed, signs and sends it in the slot, in the place of what is there.
func (a *Account) Send(ctx context.Context, slot Slot, call Call) (*types.Transaction, error) {
	estimate, err := a.Chain.Node.EstimateGas(ctx, ethereum.CallMsg{From: a.Signer.Address(), To: call.To, Data: call.Data})
	if err != nil {
		return nil, fmt.Errorf("try the transaction: %w", explain(err))
	}
	gas := estimate + estimate/5
	fees, err := a.allowedFees(ctx, slot, gas)
	if err != nil {
		return nil, err
	}
	return a.sign(ctx, slot.Nonce, call, fees, gas)
}

// Again sends what is in the slot once more: the same bytes or, if the chain has left them long enough, with higher fees.
func (a *Account) Again(ctx context.Context, slot Slot) (*types.Transaction, error) {
	if age := a.Now().Sub(slot.SentAt); 0 <= age && age < a.ReplaceAfter { // below 0, our clock was set back
		return slot.Sent, a.broadcast(ctx, slot.Sent)
	}
	fees, err := a.allowedFees(ctx, slot, slot.Sent.Gas())
	if err != nil {
		// What was offered still stands, and nodes forget what waits for long.
		return slot.Sent, errors.Join(err, a.broadcast(ctx, slot.Sent))
	}
	return a.sign(ctx, slot.Nonce, Call{To: slot.Sent.To(), Data: slot.Sent.Data()}, fees, slot.Sent.Gas())
}

// allowedFees are what to offer for the slot, if a transaction of so much gas may cost that.
func (a *Account) allowedFees(ctx context.Context, slot Slot, gas uint64) (Fees, error) {
	fees, err := a.fees(ctx, slot)
	if err != nil || a.Allow == nil {
		return fees, err
	}
	return fees, a.Allow(ctx, new(big.Int).Mul(fees.Max, new(big.Int).SetUint64(gas)))
}

// fees are what to offer for the slot: enough to replace what is there.
func (a *Account) fees(ctx context.Context, slot Slot) (Fees, error) {
	fees, err := a.Chain.currentFees(ctx, a.Ceiling)
	if err != nil || slot.Sent == nil {
		return fees, err
	}
	raised, affordable := fees.over(Fees{slot.Sent.GasFeeCap(), slot.Sent.GasTipCap()}, a.Ceiling)
	if !affordable {
		return fees, fmt.Errorf("%w: to replace transaction %s takes %s gwei, and MAX_FEE_GWEI is %s",
			ErrTooDear, slot.Sent.Hash(), gwei(raised.Max), gwei(a.Ceiling))
	}
	return raised, nil
}

// sign keeps the transaction before anybody else can know of it.
func (a *Account) sign(ctx context.Context, nonce uint64, call Call, fees Fees, gas uint64) (*types.Transaction, error) {
	id := new(big.Int).SetUint64(a.Chain.ID)
	signed, err := a.Signer.SignTransaction(ctx, types.NewTx(&types.DynamicFeeTx{
		ChainID: id, Nonce: nonce, To: call.To, Data: call.Data, Gas: gas, GasFeeCap: fees.Max, GasTipCap: fees.Tip,
	}), id)
	if err != nil {
		return nil, fmt.Errorf("sign a transaction: %w", err)
	}
	raw, err := signed.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("encode a transaction: %w", err)
	}
	err = hotstate.WriteAnchorTransaction(ctx, a.Chain.DB, a.Chain.key(), a.address(), hotstate.AnchorTransaction{
		Hash: signed.Hash().Bytes(), Nonce: int64(nonce), Raw: raw, SentAt: a.Now(),
	})
	if err != nil {
		return nil, err
	}
	return signed, a.broadcast(ctx, signed)
}

// broadcast takes it for success that the node has the transaction already, or that the chain took one of this nonce in
// the meantime: the next look at the chain tells which.
func (a *Account) broadcast(ctx context.Context, transaction *types.Transaction) error {
	err := a.Chain.Node.SendTransaction(ctx, transaction)
	switch {
	case err == nil, says(err, "already known"), says(err, "nonce too low"):
		return nil
	case says(err, "insufficient funds"):
		return fmt.Errorf("%w: %s on chain %d; send it some", ErrNoMoney, a.Signer.Address(), a.Chain.ID)
	}
	return fmt.Errorf("send transaction %s: %w", transaction.Hash(), err)
}

// says compares texts: JSON-RPC has no codes for these answers, and all nodes use geth's words.
func says(err error, words string) bool {
	return strings.Contains(strings.ToLower(err.Error()), words)
}

// Forget drops kept transactions whose nonces were used before the block.
func (a *Account) Forget(ctx context.Context, block uint64) error {
	nonce, err := a.Chain.Node.NonceAt(ctx, a.Signer.Address(), new(big.Int).SetUint64(block))
	if err != nil {
		return fmt.Errorf("ask the Ethereum node for the account's earlier nonce: %w", err)
	}
	return hotstate.ForgetAnchorTransactions(ctx, a.Chain.DB, a.Chain.key(), a.address(), int64(nonce))
}
