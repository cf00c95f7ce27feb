package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// An EthereumChain is one chain: its id and the hash of its first block, since development chains share an id.
type EthereumChain struct {
	ID      int64
	Genesis []byte
}

// An AnchorContract is where we anchor on a chain.
type AnchorContract struct {
	Address   []byte
	FromBlock int64 // it was not there before
}

// ReadAnchorContract gives the chain's, or ErrNotFound.
func ReadAnchorContract(ctx context.Context, db DB, chain EthereumChain) (AnchorContract, error) {
	var c AnchorContract
	err := db.QueryRow(ctx, `select contract, from_block from book.anchor_contracts where chain_id = $1 and genesis = $2`,
		chain.ID, chain.Genesis).Scan(&c.Address, &c.FromBlock)
	if err != nil {
		return c, fmt.Errorf("read which contract is ours: %w", notFound(err))
	}
	return c, nil
}

// WriteAnchorContract remembers the contract, instead of another one on this chain.
func WriteAnchorContract(ctx context.Context, db DB, chain EthereumChain, c AnchorContract) error {
	_, err := db.Exec(ctx, `
		insert into book.anchor_contracts (chain_id, genesis, contract, from_block) values ($1, $2, $3, $4)
		on conflict (chain_id, genesis) do update set contract = excluded.contract, from_block = excluded.from_block`,
		chain.ID, chain.Genesis, c.Address, c.FromBlock)
	if err != nil {
		return fmt.Errorf("remember the contract: %w", err)
	}
	return nil
}

// An AnchorTransaction is one that we signed for Ethereum.
type AnchorTransaction struct {
	Hash   []byte
	Nonce  int64
	Raw    []byte
	SentAt time.Time
}

// WriteAnchorTransaction keeps the transaction, before it is sent for the first time. It is the newest of its nonce, also if
// the clock that gives SentAt was set back since the one before.
func WriteAnchorTransaction(ctx context.Context, db DB, chain EthereumChain, account []byte, t AnchorTransaction) error {
	_, err := db.Exec(ctx, `
		with earlier as (
			update book.anchor_transactions set sent_at = $7::timestamptz - interval '1 microsecond'
			where chain_id = $2 and genesis = $3 and account = $4 and nonce = $5 and sent_at >= $7)
		insert into book.anchor_transactions (hash, chain_id, genesis, account, nonce, raw, sent_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		t.Hash, chain.ID, chain.Genesis, account, t.Nonce, t.Raw, t.SentAt)
	if err != nil {
		return fmt.Errorf("keep a transaction: %w", err)
	}
	return nil
}

// NewestAnchorTransaction gives the account's last one of this nonce, or ErrNotFound.
func NewestAnchorTransaction(ctx context.Context, db DB, chain EthereumChain, account []byte, nonce int64) (AnchorTransaction, error) {
	rows, err := db.Query(ctx, `
		select hash, nonce, raw, sent_at from book.anchor_transactions
		where chain_id = $1 and genesis = $2 and account = $3 and nonce = $4
		order by sent_at desc limit 1`, chain.ID, chain.Genesis, account, nonce)
	if err != nil {
		return AnchorTransaction{}, fmt.Errorf("read a transaction: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[AnchorTransaction])
	if err != nil {
		return t, fmt.Errorf("read a transaction: %w", notFound(err))
	}
	return t, nil
}

// ForgetAnchorTransactions drops those whose nonce has been used for good.
func ForgetAnchorTransactions(ctx context.Context, db DB, chain EthereumChain, account []byte, below int64) error {
	_, err := db.Exec(ctx, `delete from book.anchor_transactions where chain_id = $1 and genesis = $2 and account = $3 and nonce < $4`,
		chain.ID, chain.Genesis, account, below)
	if err != nil {
		return fmt.Errorf("forget transactions: %w", err)
	}
	return nil
}
