package statement

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
)

// Signature is one by EIP-712.
type Signature [crypto.SignatureLength]byte

// ErrNotSigned says that a signature is not by whom it should be.
var ErrNotSigned = errors.New("the signature is not by the expected signer")

// ParseSignature reads the 65 bytes, with v as 27 or 28, or 0 or 1 as some signers give it.
func ParseSignature(text []byte) (Signature, error) {
	if len(text) != crypto.SignatureLength {
		return Signature{}, fmt.Errorf("a signature has %d bytes, this has %d", crypto.SignatureLength, len(text))
	}
	s := Signature(text)
	if s[64] < 27 {
		s[64] += 27
	}
	if !crypto.ValidateSignatureValues(s[64]-27, common.BytesToHash(s[:32]).Big(), common.BytesToHash(s[32:64]).Big(), true) {
		return Signature{}, errors.New("the signature is not in the one form it has")
	}
	return s, nil
}

// Verify checks that signer signed the statement.
func (s Signature) Verify(of Statement, signer common.Address) error {
	digest, err := Digest(of)
	if err != nil {
		return err
	}
	recoverable := s
	recoverable[64] -= 27
	key, err := crypto.SigToPub(digest[:], recoverable[:])
	if err != nil || crypto.PubkeyToAddress(*key) != signer {
		return fmt.Errorf("%w, %s", ErrNotSigned, signer)
	}
	return nil
}

// Compact gives the two words of EIP-2098.
func (s Signature) Compact() (r, vs [32]byte) {
	r, vs = [32]byte(s[:32]), [32]byte(s[32:64])
	if s[64] == 28 {
		vs[0] |= 0x80
	}
	return r, vs
}

// FromCompact is the inverse of Compact.
func FromCompact(r, vs [32]byte) Signature {
	var s Signature
	copy(s[:], r[:])
	copy(s[32:], vs[:])
	s[64] = 27 + vs[0]>>7
	s[32] &= 0x7f
	return s
}

// MarshalText writes 0x and 130 hex digits.
func (s Signature) MarshalText() ([]byte, error) { return hexutil.Bytes(s[:]).MarshalText() }

// UnmarshalText reads what MarshalText writes.
func (s *Signature) UnmarshalText(text []byte) error {
	var raw hexutil.Bytes
	err := raw.UnmarshalText(text)
	if err != nil {
		return err
	}
	*s, err = ParseSignature(raw)
	return err
}
