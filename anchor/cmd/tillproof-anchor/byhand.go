package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/succession"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/hotstate"
)

// What an operator does by hand, with the configuration of the service.

// A workplace is what that takes.
type workplace struct {
	config  config
	account *chain.Account
	retail  key.Signer
	signers chain.Signers
	lock    *anchoring.DatabaseLock
}

// Time limits: of the contract to appear, and of a transaction to be taken.
const (
	contractTimeout = 30 * time.Second
	moveTimeout     = 30 * time.Minute
)

func withWorkplace(ctx context.Context, work func(ctx context.Context, w *workplace) error) error {
	config, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	pool, err := hotstate.Open(ctx, config.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	node, err := chain.Dial(ctx, config.EthereumURL, askTimeout)
	if err != nil {
		return err
	}
	defer node.Close()
	on, err := chain.Open(ctx, node, pool, config.ChainID)
	if err != nil {
		return err
	}
	w := &workplace{config: config, lock: &anchoring.DatabaseLock{URL: config.DatabaseURL}}
	defer w.lock.Release(context.WithoutCancel(ctx))
	if w.retail, err = config.Retail.open(ctx); err != nil {
		return err
	}
	payer, err := config.Payer.open(ctx)
	if err != nil {
		return err
	}
	w.signers = chain.Signers{Retail: w.retail.Address(), Brands: config.BrandsSigner}
	w.account = &chain.Account{Chain: on, Signer: payer, Ceiling: config.MaxFee, ReplaceAfter: config.ReplaceAfter, Now: time.Now}
	return work(ctx, w)
}

// contract is the one that the service is at.
func (w *workplace) contract(ctx context.Context) (*chain.Contract, error) {
	if w.config.Contract != (common.Address{}) {
		return w.account.Chain.Contract(ctx, w.config.Contract, w.signers)
	}
	found, _, err := w.account.Chain.Remembered(ctx, w.signers)
	return found, err
}

// printContract waits for the service to make it.
func printContract(ctx context.Context, w *workplace) error {
	ctx, cancel := context.WithTimeout(ctx, contractTimeout)
	defer cancel()
	for {
		found, err := w.contract(ctx)
		if err == nil {
			fmt.Println(found.ChainID, found.Place.Contract)
			return nil
		}
		if !errors.Is(err, chain.ErrNotDeployed) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

// alone makes sure that the service is stopped: it and this program would take each other's place in the account.
func (w *workplace) alone(ctx context.Context) error {
	err := w.lock.Hold(ctx)
	if errors.Is(err, anchoring.ErrStandby) {
		return errors.New("the anchor service is at work: stop it until the log has moved")
	}
	return err
}

func (w *workplace) propose(ctx context.Context, retail, brands string) error {
	newRetail, err := ethereum.ParseAddress(retail)
	if err != nil {
		return err
	}
	newBrands, err := ethereum.ParseAddress(brands)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, moveTimeout)
	defer cancel()
	if err := w.alone(ctx); err != nil {
		return err
	}
	at, err := w.contract(ctx)
	if err != nil {
		return err
	}
	next := chain.Signers{Retail: common.Address(newRetail), Brands: common.Address(newBrands)}
	proposal, err := succession.Propose(ctx, w.account, at, next, w.retail, w.config.Pause)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(proposal)
}

func moveLog(ctx context.Context, w *workplace) error {
	var agreed succession.Proposal
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&agreed); err != nil {
		return fmt.Errorf("read what both have signed from standard input: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, moveTimeout)
	defer cancel()
	if err := w.alone(ctx); err != nil {
		return err
	}
	at, err := w.account.Chain.Contract(ctx, agreed.Contract, w.signers)
	if err != nil {
		return err
	}
	if err := agreed.Carry(ctx, w.account, at, w.config.Pause); err != nil {
		return err
	}
	fmt.Println("the log is at", agreed.Successor, "now; start the anchor service and the witness with the accounts",
		agreed.Retail, "and", agreed.Brands)
	return nil
}
