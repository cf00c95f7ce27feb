// Package ethereum reads what a verifier must understand of Ethereum, and no more: RLP, block headers, receipts, proofs in
// a block's tries, and signatures of accounts. Everything here is bytes in and a verdict out; nothing is asked of a node.
//
// Decoding is strict: what has two spellings is refused in all but one, so that no byte of a proof can change unnoticed.
package ethereum

import (
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/sha3"
)

// A Hash is one of Keccak-256.
type Hash [32]byte

// String gives it as Ethereum's own tools do, with 0x.
func (h Hash) String() string { return "0x" + hex.EncodeToString(h[:]) }

// ParseHash reads 64 hex digits, with or without 0x.
func ParseHash(text string) (h Hash, err error) {
	return h, parse(h[:], text, "hash")
}

// An Address is an account's or a contract's.
type Address [20]byte

// String gives it in lower case, with 0x.
func (a Address) String() string { return "0x" + hex.EncodeToString(a[:]) }

// ParseAddress reads 40 hex digits, with or without 0x. Upper and lower case are check digits (EIP-55), unless they are all
// the same.
func ParseAddress(text string) (a Address, err error) {
	if err := parse(a[:], text, "address"); err != nil {
		return a, err
	}
	digits := strings.TrimPrefix(text, "0x")
	if digits != strings.ToLower(digits) && digits != strings.ToUpper(digits) && digits != a.checksummed() {
		return a, fmt.Errorf("%.60q is mistyped: the case of its letters is a checksum (EIP-55), which does not fit", text)
	}
	return a, nil
}

// checksummed gives the digits in the case that EIP-55 wants.
func (a Address) checksummed() string {
	digits := []byte(hex.EncodeToString(a[:]))
	sum := Keccak(digits)
	for i, digit := range digits {
		if digit >= 'a' && sum[i/2]>>(4*(1-i%2))&0xf >= 8 {
			digits[i] = digit - 'a' + 'A'
		}
	}
	return string(digits)
}

func parse(into []byte, text, what string) error {
	digits := strings.TrimPrefix(text, "0x")
	if len(digits) != 2*len(into) {
		return fmt.Errorf("%.80q is not a %s of %d hex digits", text, what, 2*len(into))
	}
	if _, err := hex.Decode(into, []byte(digits)); err != nil {
		return fmt.Errorf("%.80q is not a %s of %d hex digits", text, what, 2*len(into))
	}
	return nil
}

// Keccak is Ethereum's hash, which is not the SHA-3 that became the standard.
func Keccak(parts ...[]byte) (h Hash) {
	state := sha3.NewLegacyKeccak256()
	for _, part := range parts {
		state.Write(part)
	}
	state.Sum(h[:0])
	return h
}
