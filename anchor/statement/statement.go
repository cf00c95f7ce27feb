// Package statement is what the two organisations sign for the contract LogAnchor, by EIP-712.
//
// The domain is (name "Tillproof log", version "1", chainId, verifyingContract). The types are
//
//	Checkpoint(uint64 epoch,uint64 previousSize,bytes32 previousRoot,uint64 size,bytes32 root)
//	Succession(uint64 epoch,uint64 size,bytes32 root,address successor)
//
// and what is signed is keccak256(0x19 ‖ 0x01 ‖ hash of the domain ‖ hash of the statement). A signature has 65 bytes:
// r, s (32 each, s in the lower half), and v, 27 or 28. The contract takes it in the 64 bytes of EIP-2098.
package statement

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/ethereum"
)

// A Place is the contract that a statement is for. On another chain or for another contract its signature is void.
type Place struct {
	ChainID  uint64
	Contract common.Address
	Epoch    uint64 // counts contracts of one log, from 1
}

// A State is a size of the log with its root.
type State struct {
	Size uint64
	Root common.Hash
}

// A Checkpoint says that the log grew from one state to another.
type Checkpoint struct {
	Place
	Previous State // what the contract holds
	Next     State
}

// A Succession says that the log goes on at another contract.
type Succession struct {
	Place
	At        State // the last checkpoint of the one and the first of the other
	Successor common.Address
}

// A Statement can be signed.
type Statement interface {
	// TypedData is the statement as signing programs show it to people.
	TypedData() apitypes.TypedData
}

// TypedData gives the checkpoint in the form of EIP-712.
func (c Checkpoint) TypedData() apitypes.TypedData {
	return typed(c.Place, "Checkpoint", []apitypes.Type{
		{Name: "epoch", Type: "uint64"},
		{Name: "previousSize", Type: "uint64"}, {Name: "previousRoot", Type: "bytes32"},
		{Name: "size", Type: "uint64"}, {Name: "root", Type: "bytes32"},
	}, apitypes.TypedDataMessage{
		"epoch":        decimal(c.Epoch),
		"previousSize": decimal(c.Previous.Size), "previousRoot": c.Previous.Root.Hex(),
		"size": decimal(c.Next.Size), "root": c.Next.Root.Hex(),
	})
}

// TypedData gives the succession in the form of EIP-712.
func (s Succession) TypedData() apitypes.TypedData {
	return typed(s.Place, "Succession", []apitypes.Type{
		{Name: "epoch", Type: "uint64"},
		{Name: "size", Type: "uint64"}, {Name: "root", Type: "bytes32"},
		{Name: "successor", Type: "address"},
	}, apitypes.TypedDataMessage{
		"epoch": decimal(s.Epoch),
		"size":  decimal(s.At.Size), "root": s.At.Root.Hex(),
		"successor": s.Successor.Hex(),
	})
}

func typed(at Place, name string, fields []apitypes.Type, message apitypes.TypedDataMessage) apitypes.TypedData {
	return apitypes.TypedData{
		Types: apitypes.Types{
			"EIP712Domain": {
				{Name: "name", Type: "string"}, {Name: "version", Type: "string"},
				{Name: "chainId", Type: "uint256"}, {Name: "verifyingContract", Type: "address"},
			},
			name: fields,
		},
		PrimaryType: name,
		Domain: apitypes.TypedDataDomain{
			Name: "Tillproof log", Version: "1",
			ChainId:           (*math.HexOrDecimal256)(new(big.Int).SetUint64(at.ChainID)),
			VerifyingContract: at.Contract.Hex(),
		},
		Message: message,
	}
}

// decimal is how numbers beyond 53 bits survive JSON.
func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// Plain gives the checkpoint as verifiers have it.
func (c Checkpoint) Plain() anchor.Checkpoint {
	return anchor.Checkpoint{
		Place:    c.Place.plain(),
		Previous: anchor.State{Size: c.Previous.Size, Root: c.Previous.Root},
		Next:     anchor.State{Size: c.Next.Size, Root: c.Next.Root},
	}
}

// Plain gives the succession as verifiers have it.
func (s Succession) Plain() anchor.Succession {
	return anchor.Succession{Place: s.Place.plain(), At: anchor.State{Size: s.At.Size, Root: s.At.Root}, Successor: ethereum.Address(s.Successor)}
}

func (p Place) plain() anchor.Place {
	return anchor.Place{ChainID: p.ChainID, Contract: ethereum.Address(p.Contract), Epoch: p.Epoch}
}

// Digest is what is signed.
func Digest(s Statement) (common.Hash, error) {
	digest, _, err := apitypes.TypedDataAndHash(s.TypedData())
	if err != nil {
		return common.Hash{}, fmt.Errorf("hash a statement: %w", err)
	}
	return common.Hash(digest), nil
}
