package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/cosigner"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/checkpoint"
)

// newCosigning gives the worker that has the log cosigned, or one that does nothing where there is no witness. The log's
// own key is made here at the latest, so that its public half is there for the witness to be given.
func newCosigning(c config, pool *pgxpool.Pool, keys *keyring.Keyring) (func(context.Context), error) {
	operator, err := keys.LogOperator(c.LogOrigin)
	if err != nil {
		return nil, err
	}
	if c.WitnessURL == "" {
		return func(context.Context) {}, nil
	}
	witness, err := checkpoint.ParseKey(c.WitnessKey)
	if err != nil {
		return nil, fmt.Errorf("WITNESS_KEY: %w", err)
	}
	worker := &cosigner.Cosigner{Pool: pool, URL: c.WitnessURL, Operator: operator.Key, Witness: witness}
	return worker.Run, nil
}
