package key

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/tillproof/tillproof/anchor/statement"
)

// External asks a signing program that speaks clef's JSON-RPC: account_signTypedData and account_signTransaction.
type External struct {
	client  *rpc.Client
	address common.Address
}

// DialExternal prepares to ask the program at the URL to sign for the account. It asks nothing yet.
func DialExternal(ctx context.Context, url string, account common.Address) (*External, error) {
	client, err := rpc.DialContext(ctx, url)
	if err != nil {
		return nil, errors.New("that is not the URL of a signing program, such as http://127.0.0.1:8550") // it may hold a password
	}
	return &External{client, account}, nil
}

// Address is the account's.
func (e *External) Address() common.Address { return e.address }

// SignStatement has the statement signed, and checks that it was.
func (e *External) SignStatement(ctx context.Context, s statement.Statement) (statement.Signature, error) {
	var answer hexutil.Bytes
	if err := e.client.CallContext(ctx, &answer, "account_signTypedData", e.address, s.TypedData()); err != nil {
		return statement.Signature{}, fmt.Errorf("have a statement signed: %w", err)
	}
	signature, err := statement.ParseSignature(answer)
	if err != nil {
		return signature, fmt.Errorf("have a statement signed: %w", err)
	}
	return signature, signature.Verify(s, e.address)
}

// SignTransaction has the transaction signed, and checks that it is still the same and by the account.
func (e *External) SignTransaction(ctx context.Context, t *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	var answer struct {
		Raw hexutil.Bytes `json:"raw"`
	}
	if err := e.client.CallContext(ctx, &answer, "account_signTransaction", arguments(e.address, t, chainID)); err != nil {
		return nil, fmt.Errorf("have a transaction signed: %w", err)
	}
	signed := new(types.Transaction)
	if err := signed.UnmarshalBinary(answer.Raw); err != nil {
		return nil, fmt.Errorf("have a transaction signed: %w", err)
	}
	signer := types.LatestSignerForChainID(chainID)
	by, err := types.Sender(signer, signed)
	if err != nil || by != e.address || signer.Hash(signed) != signer.Hash(t) {
		return nil, errors.New("have a transaction signed: the signing program has signed another one, or for another account")
	}
	return signed, nil
}

func arguments(from common.Address, t *types.Transaction, chainID *big.Int) apitypes.SendTxArgs {
	data := hexutil.Bytes(t.Data())
	args := apitypes.SendTxArgs{
		From:                 common.NewMixedcaseAddress(from),
		Gas:                  hexutil.Uint64(t.Gas()),
		MaxFeePerGas:         (*hexutil.Big)(t.GasFeeCap()),
		MaxPriorityFeePerGas: (*hexutil.Big)(t.GasTipCap()),
		Value:                hexutil.Big(*t.Value()),
		Nonce:                hexutil.Uint64(t.Nonce()),
		Input:                &data,
		ChainID:              (*hexutil.Big)(chainID),
	}
	if to := t.To(); to != nil {
		mixed := common.NewMixedcaseAddress(*to)
		args.To = &mixed
	}
	return args
}
