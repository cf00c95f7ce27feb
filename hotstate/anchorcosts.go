package hotstate

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
)

// An AnchorCost is what a transaction that was to anchor has cost, by its receipt.
type AnchorCost struct {
	Payer       []byte
	Nonce       int64
	Transaction []byte
	BlockHash   []byte
	At          time.Time // of the block
	GasUsed     int64
	Wei         *big.Int
}

// WriteAnchorCost keeps a cost, in the place of what was known of the nonce.
func WriteAnchorCost(ctx context.Context, db DB, chainID int64, c AnchorCost) error {
	_, err := db.Exec(ctx, `
		insert into view.anchor_costs (chain_id, payer, nonce, transaction, block_hash, at, gas_used, wei)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (chain_id, payer, nonce) do update set transaction = excluded.transaction, block_hash = excluded.block_hash,
			at = excluded.at, gas_used = excluded.gas_used, wei = excluded.wei`,
		chainID, c.Payer, c.Nonce, c.Transaction, c.BlockHash, c.At, c.GasUsed, c.Wei.String())
	if err != nil {
		return fmt.Errorf("write what an anchor has cost: %w", err)
	}
	return nil
}

// ForgetAnchorCosts drops those of nonces that a reorganisation has made free again.
func ForgetAnchorCosts(ctx context.Context, db DB, chainID int64, payer []byte, next int64) error {
	_, err := db.Exec(ctx, `delete from view.anchor_costs where chain_id = $1 and payer = $2 and nonce >= $3`, chainID, payer, next)
	if err != nil {
		return fmt.Errorf("forget costs that are no more: %w", err)
	}
	return nil
}

// AnchorsWithoutCost gives a contract's anchors whose cost is not known for the block that they are in, the newest first.
func AnchorsWithoutCost(ctx context.Context, db DB, chainID int64, contract []byte, limit int) ([]Anchor, error) {
	rows, err := db.Query(ctx, selectAnchors+`
		where chain_id = $1 and contract = $2 and not exists (
			select from view.anchor_costs c
			where (c.chain_id, c.transaction, c.block_hash) = (anchors.chain_id, anchors.transaction, anchors.block_hash))
		order by size desc limit $3`, chainID, contract, limit)
	if err != nil {
		return nil, fmt.Errorf("list anchors without a cost: %w", err)
	}
	anchors, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Anchor])
	if err != nil {
		return nil, fmt.Errorf("list anchors without a cost: %w", err)
	}
	return anchors, nil
}

// AnchorCostsSince sums what the payer's transactions cost in blocks from a time on.
func AnchorCostsSince(ctx context.Context, db DB, chainID int64, payer []byte, since time.Time) (*big.Int, error) {
	var text string
	err := db.QueryRow(ctx, `select coalesce(sum(wei), 0)::text from view.anchor_costs where chain_id = $1 and payer = $2 and at >= $3`,
		chainID, payer, since).Scan(&text)
	if err != nil {
		return nil, fmt.Errorf("sum what anchors have cost: %w", err)
	}
	sum, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("sum what anchors have cost: the database answers %q", text)
	}
	return sum, nil
}

// MinedAnchorTransactions gives the account's kept transactions whose nonces the chain has used, and whose cost is not
// known. Of one nonce it has taken one.
func MinedAnchorTransactions(ctx context.Context, db DB, chain EthereumChain, account []byte, next int64) ([]AnchorTransaction, error) {
	rows, err := db.Query(ctx, `
		select hash, nonce, raw, sent_at from book.anchor_transactions t
		where chain_id = $1 and genesis = $2 and account = $3 and nonce < $4 and not exists (
			select from view.anchor_costs c where (c.chain_id, c.payer, c.nonce) = (t.chain_id, t.account, t.nonce))
		order by nonce, sent_at`, chain.ID, chain.Genesis, account, next)
	if err != nil {
		return nil, fmt.Errorf("list transactions without a cost: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AnchorTransaction])
	if err != nil {
		return nil, fmt.Errorf("list transactions without a cost: %w", err)
	}
	return list, nil
}
