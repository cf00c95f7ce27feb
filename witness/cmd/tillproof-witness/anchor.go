package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/anchor/cosign"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/witness/witness"
)

// withAnchoring adds the signatures for Ethereum to what the witness answers to, if it has an account for them.
func withAnchoring(c config, judge *witness.Witness, others http.Handler) (http.Handler, error) {
	if c.anchorKeystore == "" {
		return others, nil
	}
	signer, err := key.OpenKeystore(c.anchorKeystore, c.anchorPasswordFile)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", others)
	mux.Handle(cosign.Path, cosign.Handler{Other: c.retail, Policy: agree(judge), Signer: signer, Log: slog.Default()})
	return mux, nil
}

// agree signs whatever is true of the log, for any contract: who verifies pins the contract, and it takes each state once.
func agree(judge *witness.Witness) cosign.Policy {
	return func(_ context.Context, c statement.Checkpoint) error {
		err := judge.CheckAnchor(witness.Statement{
			PreviousSize: int64(c.Previous.Size), PreviousRoot: tlog.Hash(c.Previous.Root),
			Size: int64(c.Next.Size), Root: tlog.Hash(c.Next.Root),
			Evidence: fmt.Sprintf("%+v", c),
		})
		if errors.Is(err, witness.ErrNotOurs) || errors.Is(err, witness.ErrOldSize) {
			return fmt.Errorf("%w: %w", cosign.ErrRefused, err)
		}
		return err
	}
}
