// Package cosign is how the second organisation's signature is asked for, and given.
//
//	POST /v1/cosignatures
//	{"chainId":1,"contract":"0x…","epoch":1,"previousSize":0,"previousRoot":"0x…","size":7,"root":"0x…","signature":"0x…"}
//
// signature is the first organisation's, over the same statement (package statement). The answer is 200 and
//
//	{"signature":"0x…"}
//
// or a problem (RFC 9457): 400 for what cannot be read, 409 where the policy refuses, 503 where the witness cannot tell
// yet and should be asked again.
package cosign

import (
	"errors"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/statement"
)

// Path is where a witness takes requests.
const Path = "/v1/cosignatures"

// maxSize bounds requests and answers.
const maxSize = 16 << 10

// ErrRefused is an answer that will not change by asking again: the witness has found something wrong.
var ErrRefused = errors.New("the witness refuses to sign")

// ErrNotYet says that the witness cannot tell yet, or does not answer.
var ErrNotYet = errors.New("the witness cannot sign yet")

type request struct {
	ChainID      uint64              `json:"chainId"`
	Contract     common.Address      `json:"contract"`
	Epoch        uint64              `json:"epoch"`
	PreviousSize uint64              `json:"previousSize"`
	PreviousRoot common.Hash         `json:"previousRoot"`
	Size         uint64              `json:"size"`
	Root         common.Hash         `json:"root"`
	Signature    statement.Signature `json:"signature"`
}

type answer struct {
	Signature statement.Signature `json:"signature"`
}

// A problem is an error as RFC 9457 has it.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func newRequest(c statement.Checkpoint, byRetail statement.Signature) request {
	return request{
		ChainID: c.ChainID, Contract: c.Contract, Epoch: c.Epoch,
		PreviousSize: c.Previous.Size, PreviousRoot: c.Previous.Root,
		Size: c.Next.Size, Root: c.Next.Root, Signature: byRetail,
	}
}

func (r request) checkpoint() statement.Checkpoint {
	return statement.Checkpoint{
		Place:    statement.Place{ChainID: r.ChainID, Contract: r.Contract, Epoch: r.Epoch},
		Previous: statement.State{Size: r.PreviousSize, Root: r.PreviousRoot},
		Next:     statement.State{Size: r.Size, Root: r.Root},
	}
}
