package anchor

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tillproof/tillproof/domain/ethereum"
)

// Evidence is all that there is to show of one anchor.
type Evidence struct {
	Statement          Checkpoint
	ByRetail, ByBrands ethereum.Signature

	Header      []byte // of the block, RLP
	Block       ethereum.Hash
	Number      uint64        // of the block
	Transaction ethereum.Hash // by which the contract took the statement
	Index       uint64        // of the transaction in the block
	Event       int           // the place of the contract's event among those of the transaction

	TransactionProof [][]byte // nodes of the block's trie of transactions, from the root to it
	ReceiptProof     [][]byte // and of the trie of receipts
}

// Trust is what the verifier knows beforehand, and never takes from the evidence.
type Trust struct {
	ChainID        uint64
	Contract       ethereum.Address
	Retail, Brands ethereum.Address // the accounts by which the organisations sign
	Block          ethereum.Hash    // one that is known to be on the chain; zero: none is
}

// Errors that say what is wrong with evidence as a whole.
var (
	ErrChain    = errors.New("it is anchored on another chain")
	ErrContract = errors.New("it is anchored at another contract")
	ErrSigner   = errors.New("it is not signed by the organisation's account")
	ErrBlock    = errors.New("it is anchored in another block than the one that is trusted")
	ErrEvidence = errors.New("the evidence does not belong together: it was changed")
)

// Verify checks the evidence, and gives the block's header.
func (e *Evidence) Verify(trust Trust) (ethereum.Header, error) {
	if err := e.Statement.place(trust); err != nil {
		return ethereum.Header{}, err
	}
	for _, signed := range []struct {
		who       string
		signature ethereum.Signature
		account   ethereum.Address
	}{{"the retailer", e.ByRetail, trust.Retail}, {"the brands' organisation", e.ByBrands, trust.Brands}} {
		signer, err := signed.signature.Signer(e.Statement.Digest())
		if err != nil || signer != signed.account {
			return ethereum.Header{}, fmt.Errorf("the signature of %s, %s: %w", signed.who, signed.account, ErrSigner)
		}
	}
	header, err := e.CheckBlock()
	if err != nil {
		return header, err
	}
	if trust.Block != (ethereum.Hash{}) && trust.Block != e.Block {
		return header, fmt.Errorf("%w: block %d, %s", ErrBlock, e.Number, e.Block)
	}
	return header, nil
}

// CheckBlock makes sure that the block has the contract's event. Whose contract that is, it does not say.
func (e *Evidence) CheckBlock() (ethereum.Header, error) {
	header, err := e.header()
	if err != nil {
		return header, err
	}
	return header, e.inBlock(header)
}

// place holds a statement against the chain and the contract that are trusted.
func (c Checkpoint) place(trust Trust) error {
	if c.ChainID != trust.ChainID {
		return fmt.Errorf("%w: chain %d, not %d", ErrChain, c.ChainID, trust.ChainID)
	}
	if c.Contract != trust.Contract {
		return fmt.Errorf("%w: %s, not %s", ErrContract, c.Contract, trust.Contract)
	}
	if c.Next.Size <= c.Previous.Size {
		return fmt.Errorf("%w: it does not grow", ErrEvidence)
	}
	return nil
}

// header reads the header, and holds what the evidence says of the block against it.
func (e *Evidence) header() (ethereum.Header, error) {
	header, err := ethereum.DecodeHeader(e.Header)
	if err != nil {
		return header, fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	if header.Hash != e.Block || header.Number != e.Number {
		return header, fmt.Errorf("%w: the header is not that of block %d, %s", ErrEvidence, e.Number, e.Block)
	}
	return header, nil
}

// inBlock follows transaction and event into the block.
func (e *Evidence) inBlock(header ethereum.Header) error {
	transaction, err := ethereum.Lookup(header.TransactionsRoot, e.Index, e.TransactionProof)
	if err != nil {
		return fmt.Errorf("%w: transaction: %w", ErrEvidence, err)
	}
	if ethereum.Keccak(transaction) != e.Transaction {
		return fmt.Errorf("%w: the block has another transaction at place %d", ErrEvidence, e.Index)
	}
	receipt, err := ethereum.Lookup(header.ReceiptsRoot, e.Index, e.ReceiptProof)
	if err != nil {
		return fmt.Errorf("%w: receipt: %w", ErrEvidence, err)
	}
	logs, err := ethereum.DecodeReceipt(receipt)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	if e.Event < 0 || e.Event >= len(logs) || !e.Statement.isEvent(logs[e.Event]) {
		return fmt.Errorf("%w: the transaction has no event by which the contract takes this checkpoint", ErrEvidence)
	}
	return nil
}

// anchoredType is the first topic of the contract's event.
var anchoredType = hashText("Anchored(uint64,bytes32,uint64,bytes32)")

// isEvent says whether a contract's event is that it took the statement.
func (c Checkpoint) isEvent(log ethereum.Log) bool {
	return log.Address == c.Contract && len(log.Topics) == 3 && log.Topics[0] == anchoredType &&
		bytes.Equal(log.Topics[1][:], word(c.Next.Size)) && log.Topics[2] == c.Next.Root &&
		bytes.Equal(log.Data, append(word(c.Previous.Size), c.Previous.Root[:]...))
}

// EventOf gives the place of the event among those of a receipt, as a block's trie has it.
func (c Checkpoint) EventOf(receipt []byte) (int, error) {
	logs, err := ethereum.DecodeReceipt(receipt)
	if err != nil {
		return 0, err
	}
	for i, log := range logs {
		if c.isEvent(log) {
			return i, nil
		}
	}
	return 0, errors.New("the transaction has no event by which the contract takes this checkpoint")
}
