// Package anchortest makes evidence of anchors for tests, the same in each run: a block of some transactions, one of which
// brings a checkpoint to the contract, in a chain that is nowhere. Tests of real chains are in the module anchor.
package anchortest

import (
	"bytes"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/ethereum"
)

// Place is where the evidence's contract is.
var Place = anchor.Place{ChainID: 1337, Contract: ethereum.Address{0xaa, 0xbb, 1}, Epoch: 1}

// The accounts that sign.
var (
	Retail   = account("retail")
	Brands   = account("brands")
	Stranger = account("stranger")
)

// Trust is in the contract and the accounts, without a block.
var Trust = anchor.Trust{ChainID: Place.ChainID, Contract: Place.Contract, Retail: Retail.Address, Brands: Brands.Address}

// An Account signs statements.
type Account struct {
	Address ethereum.Address
	secret  *secp256k1.PrivateKey
}

func account(name string) Account {
	seed := ethereum.Keccak([]byte("tillproof test account " + name))
	secret := secp256k1.PrivKeyFromBytes(seed[:])
	hash := ethereum.Keccak(secret.PubKey().SerializeUncompressed()[1:])
	return Account{ethereum.Address(hash[12:]), secret}
}

// Sign signs a digest.
func (a Account) Sign(digest ethereum.Hash) (s ethereum.Signature) {
	compact := ecdsa.SignCompact(a.secret, digest[:], false)
	copy(s[:], compact[1:])
	s[64] = compact[0]
	return s
}

// The block: enough transactions for a trie with all kinds of nodes.
const (
	blockNumber  = 21_000_000
	blockTime    = 1_772_000_300
	transactions = 150
	ours         = 133
)

// Evidence shows that the contract took a checkpoint.
func Evidence(statement anchor.Checkpoint) anchor.Evidence {
	byRetail, byBrands := Retail.Sign(statement.Digest()), Brands.Sign(statement.Digest())
	var sent, receipts [][]byte
	for i := range uint64(transactions) {
		call, logs := []byte("some other call"), list()
		if i == ours {
			call, logs = bytes.Join([][]byte{byRetail[:], byBrands[:], make([]byte, 162)}, nil), list(unrelated(), event(statement))
		}
		sent = append(sent, transaction(statement, i, call))
		receipts = append(receipts, append([]byte{2}, list(number(1), number(21_000*(i+1)), text(make([]byte, 256)), logs)...))
	}
	sentTrie, receiptTrie := trieOf(sent), trieOf(receipts)
	header := header(ethereum.Keccak(node(sentTrie)), ethereum.Keccak(node(receiptTrie)))
	return anchor.Evidence{
		Statement: statement, ByRetail: byRetail, ByBrands: byBrands,
		Header: header, Block: ethereum.Keccak(header), Number: blockNumber,
		Transaction: ethereum.Keccak(sent[ours]), Index: ours, Event: 1,
		TransactionProof: prove(sentTrie, sentTrie[ours].path),
		ReceiptProof:     prove(receiptTrie, receiptTrie[ours].path),
	}
}

// transaction is one by EIP-1559.
func transaction(statement anchor.Checkpoint, nonce uint64, call []byte) []byte {
	return append([]byte{2}, list(number(statement.ChainID), number(nonce), number(1e9), number(20e9), number(100_000),
		text(statement.Contract[:]), number(0), text(call), list(), number(1), text(bytes.Repeat([]byte{3}, 32)), text(bytes.Repeat([]byte{4}, 32)))...)
}

func event(c anchor.Checkpoint) []byte {
	topic := ethereum.Keccak([]byte("Anchored(uint64,bytes32,uint64,bytes32)"))
	return list(text(c.Contract[:]), list(text(topic[:]), text(word(c.Next.Size)), text(c.Next.Root[:])),
		text(append(word(c.Previous.Size), c.Previous.Root[:]...)))
}

func unrelated() []byte {
	return list(text(make([]byte, 20)), list(), text(nil))
}

func word(n uint64) []byte {
	digits := ethereum.Hash{}
	for i := range 8 {
		digits[31-i] = byte(n >> (8 * i))
	}
	return digits[:]
}

func header(transactionsRoot, receiptsRoot ethereum.Hash) []byte {
	hash := bytes.Repeat([]byte{7}, 32)
	return list(text(hash), text(hash), text(make([]byte, 20)), text(hash), text(transactionsRoot[:]), text(receiptsRoot[:]),
		text(make([]byte, 256)), number(0), number(blockNumber), number(30_000_000), number(10_000_000), number(blockTime),
		text([]byte("a block of tests")), text(hash), text(make([]byte, 8)), number(1e9), text(hash), number(0), number(0), text(hash))
}
