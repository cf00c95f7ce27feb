package ethereum

import (
	"bytes"
	"errors"

	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// A Signature is r and s, 32 bytes each, and v, 27 or 28.
type Signature [65]byte

// halfOrder is the largest s that is accepted: each signature has a mirror image, with another s, which would do as well.
var halfOrder = []byte{
	0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
}

// Signer gives the account that has signed a digest.
func (s Signature) Signer(digest Hash) (Address, error) {
	if v := s[64]; v != 27 && v != 28 || bytes.Compare(s[32:64], halfOrder) > 0 {
		return Address{}, errors.New("the signature is not in the one form it has")
	}
	compact := append([]byte{s[64]}, s[:64]...)
	key, _, err := ecdsa.RecoverCompact(compact, digest[:])
	if err != nil {
		return Address{}, errors.New("the signature is none")
	}
	hash := Keccak(key.SerializeUncompressed()[1:])
	return Address(hash[12:]), nil
}
