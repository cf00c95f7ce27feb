package statement_test

import (
	"crypto/sha256"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/statement"
)

var example = statement.Checkpoint{
	Place:    statement.Place{ChainID: 1, Contract: common.HexToAddress("0x00000000000000000000000000000000000000aa"), Epoch: 1},
	Previous: statement.State{Root: sha256.Sum256(nil)},
	Next:     statement.State{Size: 1<<63 + 1, Root: common.Hash{1}},
}

// The digest as the package comment and EIP-712 describe it, computed by hand.
func TestDigest(t *testing.T) {
	word := func(n uint64) []byte { return common.BigToHash(new(big.Int).SetUint64(n)).Bytes() }
	text := func(s string) []byte { return crypto.Keccak256([]byte(s)) }
	domain := crypto.Keccak256(
		text("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
		text("Tillproof log"), text("1"), word(example.ChainID), common.BytesToHash(example.Contract[:]).Bytes())
	message := crypto.Keccak256(
		text("Checkpoint(uint64 epoch,uint64 previousSize,bytes32 previousRoot,uint64 size,bytes32 root)"),
		word(1), word(0), example.Previous.Root[:], word(example.Next.Size), example.Next.Root[:])
	want := crypto.Keccak256Hash([]byte{0x19, 0x01}, domain, message)
	if got, err := statement.Digest(example); err != nil || got != want {
		t.Errorf("digest %s, %v; want %s", got, err, want)
	}
}

// Signers have the digest from go-ethereum's form of typed data, verifiers compute it by themselves.
func TestVerifiersHaveTheSameDigest(t *testing.T) {
	succession := statement.Succession{Place: example.Place, At: example.Next, Successor: common.Address{1, 2, 3}}
	for want, of := range map[[32]byte]statement.Statement{example.Plain().Digest(): example, succession.Plain().Digest(): succession} {
		if got, err := statement.Digest(of); err != nil || got != want {
			t.Errorf("%T: %s, %v; verifiers have %x", of, got, err, want)
		}
	}
}

func TestSignatures(t *testing.T) {
	signature, err := chaintest.Retail.SignStatement(t.Context(), example)
	if err != nil {
		t.Fatal(err)
	}
	if err := signature.Verify(example, chaintest.Retail.Address()); err != nil {
		t.Error(err)
	}
	if err := signature.Verify(example, chaintest.Brands.Address()); !errors.Is(err, statement.ErrNotSigned) {
		t.Errorf("another signer: %v", err)
	}
	other := example
	other.Epoch++
	if err := signature.Verify(other, chaintest.Retail.Address()); !errors.Is(err, statement.ErrNotSigned) {
		t.Errorf("another statement: %v", err)
	}
	if again := statement.FromCompact(signature.Compact()); again != signature {
		t.Error("the compact form is another signature")
	}
	text, err := signature.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var again statement.Signature
	if err := again.UnmarshalText(text); err != nil || again != signature {
		t.Errorf("read back: %v", err)
	}
}

// Each signature has one form: its mirror image, which ecrecover takes too, is refused.
func TestBadSignatures(t *testing.T) {
	good, err := chaintest.Retail.SignStatement(t.Context(), example)
	if err != nil {
		t.Fatal(err)
	}
	mirrored := good
	order := crypto.S256().Params().N
	new(big.Int).Sub(order, new(big.Int).SetBytes(good[32:64])).FillBytes(mirrored[32:64])
	mirrored[64] = 27 + 28 - good[64]
	oddV := good
	oddV[64] = 31
	for name, bad := range map[string][]byte{"empty": nil, "short": good[:64], "mirrored": mirrored[:], "of an odd v": oddV[:], "zero": make([]byte, 65)} {
		if _, err := statement.ParseSignature(bad); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for _, text := range []string{"", "0x", "0x1", strings.Repeat("ab", 65), "0x" + strings.Repeat("zz", 65)} {
		var s statement.Signature
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: taken", text)
		}
	}
}
