package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// An Anchor is a root of the log that Ethereum holds, as an event of the contract says.
type Anchor struct {
	ChainID         int64
	Contract        []byte
	Epoch           int64
	Size            int64
	Root            []byte
	PreviousSize    int64
	PreviousRoot    []byte
	Transaction     []byte
	Block           int64
	BlockHash       []byte
	At              time.Time // of the block
	Final           bool      // deep enough not to be reorganised away
	RetailSignature []byte    // 65 bytes; nil if it came through another contract
	BrandsSignature []byte
}

// An AnchorScan says how far a contract's events are read for good.
type AnchorScan struct {
	Block     int64
	BlockHash []byte
}

// ReadAnchorScan gives a contract's scan, or ErrNotFound.
func ReadAnchorScan(ctx context.Context, db DB, chainID int64, contract []byte) (AnchorScan, error) {
	var s AnchorScan
	err := db.QueryRow(ctx, `select block, block_hash from view.anchor_scans where chain_id = $1 and contract = $2`, chainID, contract).
		Scan(&s.Block, &s.BlockHash)
	if err != nil {
		return s, fmt.Errorf("read how far anchors are scanned: %w", notFound(err))
	}
	return s, nil
}

// ReplaceAnchors puts what was found behind the block from in the place of what is there, and moves the scan in the same
// commit. Doing it again changes nothing.
func ReplaceAnchors(ctx context.Context, tx pgx.Tx, chainID int64, contract []byte, from int64, found []Anchor, scan AnchorScan) error {
	batch := &pgx.Batch{}
	batch.Queue(`delete from view.anchors where chain_id = $1 and contract = $2 and block > $3`, chainID, contract, from)
	for _, a := range found {
		batch.Queue(`
			insert into view.anchors (chain_id, contract, epoch, size, root, previous_size, previous_root, transaction, block,
				block_hash, at, final, retail_signature, brands_signature)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			chainID, contract, a.Epoch, a.Size, a.Root, a.PreviousSize, a.PreviousRoot, a.Transaction, a.Block,
			a.BlockHash, a.At, a.Final, a.RetailSignature, a.BrandsSignature)
	}
	batch.Queue(`
		insert into view.anchor_scans (chain_id, contract, block, block_hash) values ($1, $2, $3, $4)
		on conflict (chain_id, contract) do update set block = excluded.block, block_hash = excluded.block_hash`,
		chainID, contract, scan.Block, scan.BlockHash)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write anchors: %w", err)
	}
	return nil
}

const selectAnchors = `
	select chain_id, contract, epoch, size, root, previous_size, previous_root, transaction, block, block_hash, at, final,
	       retail_signature, brands_signature
	from view.anchors `

// NewestAnchor gives the contract's last one, or ErrNotFound.
func NewestAnchor(ctx context.Context, db DB, chainID int64, contract []byte) (Anchor, error) {
	return oneAnchor(ctx, db, `where chain_id = $1 and contract = $2 order by size desc limit 1`, chainID, contract)
}

func oneAnchor(ctx context.Context, db DB, where string, args ...any) (Anchor, error) {
	rows, err := db.Query(ctx, selectAnchors+where, args...)
	if err != nil {
		return Anchor{}, fmt.Errorf("read an anchor: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Anchor])
	if err != nil {
		return a, fmt.Errorf("read an anchor: %w", notFound(err))
	}
	return a, nil
}

// An AnchorPosition is the place of an anchor in the list, which has the newest first.
type AnchorPosition struct {
	Size     int64  `json:"size"`
	ChainID  int64  `json:"chainId"`
	Contract []byte `json:"contract"`
}

// A ListedAnchor comes with what its transaction cost, once that is known.
type ListedAnchor struct {
	Anchor
	GasUsed *int64
	Wei     *string // decimal
}

// ListAnchors gives anchors behind the position, the largest size first.
func ListAnchors(ctx context.Context, db DB, after *AnchorPosition, limit int) ([]ListedAnchor, error) {
	var c conditions
	if after != nil {
		c.add(`(size, a.chain_id, contract) < (?, ?, ?)`, after.Size, after.ChainID, after.Contract)
	}
	rows, err := db.Query(ctx, `
		select a.chain_id, contract, epoch, size, root, previous_size, previous_root, a.transaction, block, a.block_hash, a.at, final,
		       retail_signature, brands_signature, c.gas_used, c.wei::text
		from view.anchors a
		left join view.anchor_costs c on (c.chain_id, c.transaction, c.block_hash) = (a.chain_id, a.transaction, a.block_hash)
		where `+c.String()+` order by size desc, a.chain_id desc, contract desc limit `+c.arg(limit), c.args...)
	if err != nil {
		return nil, fmt.Errorf("list anchors: %w", err)
	}
	anchors, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListedAnchor])
	if err != nil {
		return nil, fmt.Errorf("list anchors: %w", err)
	}
	return anchors, nil
}

// anchorLock is the advisory lock of the one service that may anchor.
const anchorLock = 0x7469_6c6c_616e_6368 // "tillanch"

// LockAnchoring says whether this connection may anchor; it does until the connection ends.
func LockAnchoring(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var locked bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(anchorLock)).Scan(&locked); err != nil {
		return false, fmt.Errorf("take the lock for anchoring: %w", err)
	}
	return locked, nil
}
