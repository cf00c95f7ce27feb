package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/cli/onchain"
	"github.com/tillproof/tillproof/domain/proof"
)

// Time limits: of one question to the node, and of all of them.
const (
	questionTimeout = 15 * time.Second
	onlineTimeout   = 2 * time.Minute
)

// online verifies the bundle, and holds its anchor against the node.
func (v verification) online(ctx context.Context, bundle *proof.Bundle, trust proof.Trust) (*proof.Verified, error) {
	if bundle.Anchor == nil {
		return nil, errNotAnchored
	}
	address, err := url.Parse(v.ethereumURL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, errors.New("--ethereum must be a URL like http://127.0.0.1:8545") // without its value, which may hold a key
	}
	ctx, cancel := context.WithTimeout(ctx, onlineTimeout)
	defer cancel()
	node, err := chain.Dial(ctx, address, questionTimeout)
	if err != nil {
		return nil, err
	}
	defer node.Close()
	checker, err := onchain.New(ctx, node, *trust.Ethereum, v.finalBlocks, v.successors)
	if err != nil {
		return nil, err
	}
	at, contractSteps, err := checker.Trust(ctx, bundle.Anchor.Statement.Contract)
	if err != nil {
		return nil, err
	}
	at.Block = bundle.Anchor.Block // whether it is on the chain is asked below
	trust.Ethereum = &at
	verified, err := proof.Verify(bundle, trust)
	if err != nil {
		return nil, err
	}
	blockSteps, err := checker.Check(ctx, verified.Anchored, at)
	if err != nil {
		return nil, fmt.Errorf("ethereum: %w", err)
	}
	withoutBlock := verified.Steps[:len(verified.Steps)-1] // that it is the trusted one; now it is known why
	verified.Steps = append(withoutBlock, append(contractSteps, blockSteps...)...)
	return verified, nil
}
