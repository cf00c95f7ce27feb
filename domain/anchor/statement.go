// Package anchor is the evidence that Ethereum holds a state of the log: what both organisations signed for the contract
// LogAnchor, and the event by which the contract took it, with its way into a block. It needs no node.
//
// What is signed is keccak256(0x19 ‖ 0x01 ‖ D ‖ S), by EIP-712. Every number and address stands in a word of 32 bytes,
// big-endian.
//
//	D = keccak256(keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)") ‖
//	    keccak256("Tillproof log") ‖ keccak256("1") ‖ chain id ‖ contract)
//	S = keccak256(keccak256("Checkpoint(uint64 epoch,uint64 previousSize,bytes32 previousRoot,uint64 size,bytes32 root)") ‖
//	    epoch ‖ previous size ‖ previous root ‖ size ‖ root)
//	  or keccak256(keccak256("Succession(uint64 epoch,uint64 size,bytes32 root,address successor)") ‖
//	    epoch ‖ size ‖ root ‖ successor)
package anchor

import (
	"encoding/binary"

	"github.com/tillproof/tillproof/domain/ethereum"
)

// A Place is the contract that a statement is for. On another chain or for another contract its signatures are void.
type Place struct {
	ChainID  uint64
	Contract ethereum.Address
	Epoch    uint64 // counts contracts of one log, from 1
}

// A State is a size of the log with its root.
type State struct {
	Size uint64
	Root [32]byte
}

// A Checkpoint says that the log grew from one state to another.
type Checkpoint struct {
	Place
	Previous, Next State
}

// A Succession says that the log goes on at another contract.
type Succession struct {
	Place
	At        State // the last checkpoint of the one and the first of the other
	Successor ethereum.Address
}

var (
	domainType     = hashText("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
	domainName     = hashText("Tillproof log")
	domainVersion  = hashText("1")
	checkpointType = hashText("Checkpoint(uint64 epoch,uint64 previousSize,bytes32 previousRoot,uint64 size,bytes32 root)")
	successionType = hashText("Succession(uint64 epoch,uint64 size,bytes32 root,address successor)")
)

// Digest is what is signed.
func (c Checkpoint) Digest() ethereum.Hash {
	return c.digest(ethereum.Keccak(checkpointType[:], word(c.Epoch),
		word(c.Previous.Size), c.Previous.Root[:], word(c.Next.Size), c.Next.Root[:]))
}

// Digest is what is signed.
func (s Succession) Digest() ethereum.Hash {
	return s.digest(ethereum.Keccak(successionType[:], word(s.Epoch),
		word(s.At.Size), s.At.Root[:], addressWord(s.Successor)))
}

func (p Place) digest(statement ethereum.Hash) ethereum.Hash {
	domain := ethereum.Keccak(domainType[:], domainName[:], domainVersion[:], word(p.ChainID), addressWord(p.Contract))
	return ethereum.Keccak([]byte{0x19, 0x01}, domain[:], statement[:])
}

func hashText(text string) ethereum.Hash { return ethereum.Keccak([]byte(text)) }

func word(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 24, 32), n) }

func addressWord(a ethereum.Address) []byte { return append(make([]byte, 12, 32), a[:]...) }
