package proof

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/ethereum"
)

// An Anchor is the evidence that Ethereum holds a root of the log, and that it is the same log as the checkpoint's: the
// larger of the two extends the other.
type Anchor struct {
	anchor.Evidence
	Consistency tlog.TreeProof // from the smaller to the larger; empty if they are of one size
}

// The JSON form: the members of anchor.Evidence, grouped by what they are of.
type anchorJSON struct {
	Block       blockJSON       `json:"block"`
	ChainID     uint64          `json:"chainId"`
	Checkpoint  statementJSON   `json:"checkpoint"`
	Consistency []hash          `json:"consistency"`
	Contract    hexBytes        `json:"contract"`
	Signatures  signaturesJSON  `json:"signatures"`
	Transaction transactionJSON `json:"transaction"`
}

type blockJSON struct {
	Hash   hash     `json:"hash"`
	Header hexBytes `json:"header"`
	Number uint64   `json:"number"`
}

type statementJSON struct {
	Epoch        uint64 `json:"epoch"`
	PreviousRoot hash   `json:"previousRoot"`
	PreviousSize uint64 `json:"previousSize"`
	Root         hash   `json:"root"`
	Size         uint64 `json:"size"`
}

type signaturesJSON struct {
	Brands hexBytes `json:"brands"`
	Retail hexBytes `json:"retail"`
}

type transactionJSON struct {
	Event        int        `json:"event"`
	Hash         hash       `json:"hash"`
	Index        uint64     `json:"index"`
	Proof        []hexBytes `json:"proof"`
	ReceiptProof []hexBytes `json:"receiptProof"`
}

// hexBytes are written as lower-case hex digits.
type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.AppendDecode(nil, text)
	return err
}

// setEthereum writes the evidence where the version has a place for it.
func (form *bundleJSON) setEthereum(a *Anchor) (err error) {
	switch {
	case form.Version == firstVersion && a == nil:
	case form.Version == firstVersion:
		return fmt.Errorf("version %d has no place for an anchor", firstVersion)
	case a == nil:
		form.Ethereum = jsontext.Value("null")
	default:
		form.Ethereum, err = json.Marshal(a.form())
	}
	return err
}

func (a *Anchor) form() anchorJSON {
	form := anchorJSON{
		Block:   blockJSON{Hash: hash(a.Block), Header: a.Header, Number: a.Number},
		ChainID: a.Statement.ChainID,
		Checkpoint: statementJSON{
			Epoch:        a.Statement.Epoch,
			PreviousRoot: a.Statement.Previous.Root, PreviousSize: a.Statement.Previous.Size,
			Root: a.Statement.Next.Root, Size: a.Statement.Next.Size,
		},
		Consistency: []hash{},
		Contract:    a.Statement.Contract[:],
		Signatures:  signaturesJSON{Brands: a.ByBrands[:], Retail: a.ByRetail[:]},
		Transaction: transactionJSON{Event: a.Event, Hash: hash(a.Transaction), Index: a.Index,
			Proof: hexList(a.TransactionProof), ReceiptProof: hexList(a.ReceiptProof)},
	}
	for _, node := range a.Consistency {
		form.Consistency = append(form.Consistency, hash(node))
	}
	return form
}

func hexList(nodes [][]byte) []hexBytes {
	list := make([]hexBytes, len(nodes))
	for i, node := range nodes {
		list[i] = node
	}
	return list
}

func bytesList(list []hexBytes) [][]byte {
	nodes := make([][]byte, len(list))
	for i, node := range list {
		nodes[i] = node
	}
	return nodes
}

// anchor reads the evidence. What is not of its length here is not of its one form.
func (form *bundleJSON) anchor() (*Anchor, error) {
	if form.Ethereum == nil || form.Ethereum.Kind() == 'n' {
		return nil, nil
	}
	var read anchorJSON
	if err := json.Unmarshal(form.Ethereum, &read, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	if len(read.Contract) != len(ethereum.Address{}) ||
		len(read.Signatures.Brands) != len(ethereum.Signature{}) || len(read.Signatures.Retail) != len(ethereum.Signature{}) {
		return nil, errors.New("an address has 20 bytes and a signature 65")
	}
	at := read.Checkpoint
	a := &Anchor{Evidence: anchor.Evidence{
		Statement: anchor.Checkpoint{
			Place:    anchor.Place{ChainID: read.ChainID, Contract: ethereum.Address(read.Contract), Epoch: at.Epoch},
			Previous: anchor.State{Size: at.PreviousSize, Root: at.PreviousRoot},
			Next:     anchor.State{Size: at.Size, Root: at.Root},
		},
		ByRetail: ethereum.Signature(read.Signatures.Retail), ByBrands: ethereum.Signature(read.Signatures.Brands),
		Header: read.Block.Header, Block: ethereum.Hash(read.Block.Hash), Number: read.Block.Number,
		Transaction: ethereum.Hash(read.Transaction.Hash), Index: read.Transaction.Index, Event: read.Transaction.Event,
		TransactionProof: bytesList(read.Transaction.Proof), ReceiptProof: bytesList(read.Transaction.ReceiptProof),
	}}
	for _, node := range read.Consistency {
		a.Consistency = append(a.Consistency, tlog.Hash(node))
	}
	return a, nil
}
