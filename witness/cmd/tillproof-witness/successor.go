package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/succession"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/witness/store"
)

// questionTimeout is for one question to the Ethereum node.
const questionTimeout = 15 * time.Second

// agreeSuccessor signs a proposal by hand. The accounts are arguments, so that nobody agrees to what they have not named.
func agreeSuccessor(ctx context.Context, c config, files *store.Store, named [3]string) error {
	if c.anchorKeystore == "" || c.ethereumURL == "" || c.retail == (common.Address{}) {
		return errors.New("ANCHOR_KEYSTORE, ANCHOR_PASSWORD_FILE, RETAIL_ADDRESS and ETHEREUM_URL must be set: " +
			"our account, the other organisation's, and a node of our own")
	}
	var addresses [3]common.Address
	for i, text := range named {
		address, err := ethereum.ParseAddress(text)
		if err != nil {
			return err
		}
		addresses[i] = common.Address(address)
	}
	signer, err := key.OpenKeystore(c.anchorKeystore, c.anchorPasswordFile)
	if err != nil {
		return err
	}
	proposal, err := readProposal(os.Stdin)
	if err != nil {
		return err
	}
	if err := bearsOut(files, proposal); err != nil {
		return err
	}
	address, err := url.Parse(c.ethereumURL)
	if err != nil {
		return errors.New("ETHEREUM_URL is not a URL")
	}
	node, err := chain.Dial(ctx, address, questionTimeout)
	if err != nil {
		return err
	}
	defer node.Close()
	on, err := chain.Open(ctx, node, nil, 0)
	if err != nil {
		return err
	}
	now := chain.Signers{Retail: c.retail, Brands: signer.Address()}
	at, err := on.Contract(ctx, addresses[0], now)
	if err != nil {
		return err
	}
	agreed, err := proposal.Agree(ctx, at, now, chain.Signers{Retail: addresses[1], Brands: addresses[2]}, signer)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(agreed)
}

func readProposal(from io.Reader) (p succession.Proposal, err error) {
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err = decoder.Decode(&p); err != nil {
		err = fmt.Errorf("read the proposal from standard input: %w", err)
	}
	return p, err
}

// bearsOut holds the state at which the log is to move against the witness's own log.
func bearsOut(files *store.Store, p succession.Proposal) error {
	state, err := files.State()
	if err != nil {
		return err
	}
	if p.Size > uint64(state.Size) {
		return fmt.Errorf("the proposal is of size %d, and our own log has come to %d: try again later", p.Size, state.Size)
	}
	root, err := files.Root(int64(p.Size))
	if err == nil && common.Hash(root) != p.Root {
		err = fmt.Errorf("the proposal is of another log: by our own its root at size %d is %x", p.Size, root[:])
	}
	return err
}
