// Package key signs for an account whose secret is somewhere safe: in an encrypted keystore file, or with a signing
// program such as clef. Neither the environment nor a log ever has it.
package key

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"os"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/tillproof/tillproof/anchor/statement"
)

// A Signer signs for one account.
type Signer interface {
	Address() common.Address
	SignStatement(ctx context.Context, s statement.Statement) (statement.Signature, error)
	SignTransaction(ctx context.Context, transaction *types.Transaction, chainID *big.Int) (*types.Transaction, error)
}

// A Keystore is a key in an encrypted file (Web3 Secret Storage, version 3), opened.
type Keystore struct{ key *keystore.Key }

// Of gives a signer for a secret that is at hand, as in tests.
func Of(secret *ecdsa.PrivateKey) *Keystore {
	return &Keystore{&keystore.Key{Address: crypto.PubkeyToAddress(secret.PublicKey), PrivateKey: secret}}
}

// OpenKeystore opens the file with the password that stands in another one.
func OpenKeystore(file, passwordFile string) (*Keystore, error) {
	encrypted, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the keystore: %w", err)
	}
	password, err := os.ReadFile(passwordFile)
	if err != nil {
		return nil, fmt.Errorf("read the keystore's password: %w", err)
	}
	opened, err := keystore.DecryptKey(encrypted, string(bytes.TrimRight(password, "\r\n")))
	if errors.Is(err, keystore.ErrDecrypt) {
		return nil, fmt.Errorf("open the keystore %s: the password in %s is not its password", file, passwordFile)
	}
	if err != nil {
		return nil, fmt.Errorf("open the keystore %s: %w", file, err)
	}
	return &Keystore{opened}, nil
}

// Address is the account's.
func (k *Keystore) Address() common.Address { return k.key.Address }

// SignStatement signs by EIP-712.
func (k *Keystore) SignStatement(_ context.Context, s statement.Statement) (statement.Signature, error) {
	digest, err := statement.Digest(s)
	if err != nil {
		return statement.Signature{}, err
	}
	signature, err := crypto.Sign(digest[:], k.key.PrivateKey)
	if err != nil {
		return statement.Signature{}, fmt.Errorf("sign a statement: %w", err)
	}
	return statement.ParseSignature(signature)
}

// SignTransaction signs for one chain.
func (k *Keystore) SignTransaction(_ context.Context, t *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	return types.SignTx(t, types.LatestSignerForChainID(chainID), k.key.PrivateKey)
}
