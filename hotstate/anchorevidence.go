package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// AnchorEvidence shows without a node that an anchor's block holds it.
type AnchorEvidence struct {
	Header           []byte // RLP
	TransactionIndex int64
	Event            int
	TransactionProof [][]byte
	ReceiptProof     [][]byte
}

// AnchorsWithoutEvidence gives a contract's final anchors for which there is none yet, the newest first. What came through
// another contract has no signatures to show, and is left out.
func AnchorsWithoutEvidence(ctx context.Context, db DB, chainID int64, contract []byte, limit int) ([]Anchor, error) {
	rows, err := db.Query(ctx, selectAnchors+`
		where chain_id = $1 and contract = $2 and final and retail_signature is not null and brands_signature is not null
		  and not exists (select from view.anchor_evidence e
		                  where (e.chain_id, e.contract, e.size) = (anchors.chain_id, anchors.contract, anchors.size))
		order by size desc limit $3`, chainID, contract, limit)
	if err != nil {
		return nil, fmt.Errorf("list anchors without evidence: %w", err)
	}
	anchors, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Anchor])
	if err != nil {
		return nil, fmt.Errorf("list anchors without evidence: %w", err)
	}
	return anchors, nil
}

// WriteAnchorEvidence keeps the evidence of an anchor. Doing it again changes nothing.
func WriteAnchorEvidence(ctx context.Context, db DB, of Anchor, e AnchorEvidence) error {
	_, err := db.Exec(ctx, `
		insert into view.anchor_evidence (chain_id, contract, size, header, transaction_index, event, transaction_proof, receipt_proof)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict do nothing`,
		of.ChainID, of.Contract, of.Size, e.Header, e.TransactionIndex, e.Event, e.TransactionProof, e.ReceiptProof)
	if err != nil {
		return fmt.Errorf("keep the evidence of an anchor: %w", err)
	}
	return nil
}

// ProvenAnchor gives the first anchor with evidence that covers the log's entry of this index and is of no more entries
// than the log has now, with its evidence; or ErrNotFound. Of contracts that followed on each other the newest counts: who
// verifies knows that one.
func ProvenAnchor(ctx context.Context, db DB, index, logSize int64) (Anchor, AnchorEvidence, error) {
	var e AnchorEvidence
	a, err := oneAnchor(ctx, db, `
		join view.anchor_evidence using (chain_id, contract, size)
		where size > $1 and size <= $2 and retail_signature is not null and brands_signature is not null
		order by epoch desc, size limit 1`, index, logSize)
	if err != nil {
		return a, e, err
	}
	err = db.QueryRow(ctx, `
		select header, transaction_index, event, transaction_proof, receipt_proof from view.anchor_evidence
		where chain_id = $1 and contract = $2 and size = $3`, a.ChainID, a.Contract, a.Size).
		Scan(&e.Header, &e.TransactionIndex, &e.Event, &e.TransactionProof, &e.ReceiptProof)
	if err != nil {
		return a, e, fmt.Errorf("read the evidence of an anchor: %w", notFound(err))
	}
	return a, e, nil
}
