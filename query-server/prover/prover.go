// Package prover makes proof bundles out of what the hot state keeps. It checks each before it hands it out: were the
// database changed, there is no proof rather than a wrong one.
package prover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/proof"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

// ErrChanged says that what the database holds is not what was recorded.
var ErrChanged = errors.New("the database does not hold what was recorded")

// ErrNothing says that the ticket has nothing of what is chosen.
var ErrNothing = errors.New("the ticket has nothing of what is chosen")

// A Choice says what of a ticket is shown.
type Choice struct {
	Fields func(label string) bool
	Lines  func(number int64) bool
}

// Prove makes the bundle of one opened ticket, in the transaction that opened it.
func Prove(ctx context.Context, tx pgx.Tx, channel string, opening hotstate.Opening, choice Choice) ([]byte, error) {
	disclosure, err := disclose(opening, choice)
	if err != nil {
		return nil, fmt.Errorf("prove ticket %x: %w", opening.Key, err)
	}
	bundle := &proof.Bundle{Channel: channel, TicketKey: ledger.TicketKey(opening.Key), Index: opening.Index, Ticket: disclosure}
	if err := locate(ctx, tx, bundle, [32]byte(opening.Commitment)); err != nil {
		return nil, fmt.Errorf("prove ticket %x: %w", opening.Key, err)
	}
	return bundle.Encode()
}

// disclose shows the leaves that are chosen.
func disclose(opening hotstate.Opening, choice Choice) (commitment.Disclosure, error) {
	var none commitment.Disclosure
	trade, err := ticket.Decode(opening.Trade)
	if err != nil || len(opening.Commitment) != 32 || len(opening.Key) != 32 {
		return none, fmt.Errorf("%w: the ticket cannot be read (%w)", ErrChanged, err)
	}
	secret := [32]byte(opening.TradeSecret)
	kept := commitment.Kept{Fixed: [8][32]byte(hashes(opening.FixedLeaves)), Person: hashes(opening.PersonLeaves)}
	tree, err := commitment.Restore(trade, opening.RetailerID, secret, kept)
	if err != nil {
		return none, err
	}
	if tree.Root() != [32]byte(opening.Commitment) {
		return none, fmt.Errorf("%w: the ticket does not belong to its commitment", ErrChanged)
	}
	leaves, err := commitment.TradeLeaves(trade, opening.RetailerID, secret)
	if err != nil {
		return none, err
	}
	personal, err := personLeaves(opening, trade)
	if err != nil {
		return none, err
	}
	chosen := choice.of(append(leaves, personal...), trade)
	if len(chosen) == 0 {
		return none, ErrNothing
	}
	return tree.Disclose(chosen)
}

// of picks the chosen leaves. Those of lines come in the order of the ticket's lines.
func (c Choice) of(leaves []commitment.Leaf, trade *ticket.Ticket) []commitment.Leaf {
	line := 0
	return slices.DeleteFunc(leaves, func(leaf commitment.Leaf) bool {
		if leaf.Label != commitment.LabelLine {
			return !c.Fields(leaf.Label)
		}
		line++
		return !c.Lines(trade.LineItems[line-1].SequenceNumber)
	})
}

// personLeaves opens the leaves of the person, if they are not forgotten.
func personLeaves(opening hotstate.Opening, trade *ticket.Ticket) ([]commitment.Leaf, error) {
	if opening.PersonSecret == nil || opening.Person == nil {
		return nil, nil
	}
	var part struct {
		LoyaltyID        string    `json:"loyaltyId"`
		OperatorID       string    `json:"operatorId"`
		TenderReferences []*string `json:"tenderReferences"`
	}
	if err := json.Unmarshal(opening.Person, &part); err != nil {
		return nil, fmt.Errorf("%w: person part: %w", ErrChanged, err)
	}
	person := sealed.Person{LoyaltyID: part.LoyaltyID, OperatorID: part.OperatorID}
	for _, reference := range part.TenderReferences {
		text := ""
		if reference != nil {
			text = *reference
		}
		person.TenderReferences = append(person.TenderReferences, text)
	}
	whole, err := sealed.Join(sealed.Trade{Ticket: trade}, person)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return commitment.OpenPerson(whole, [32]byte(opening.PersonSecret)), nil
}

func hashes(joined []byte) [][32]byte {
	var apart [][32]byte
	for chunk := range slices.Chunk(joined, 32) {
		apart = append(apart, [32]byte(chunk))
	}
	return apart
}

// locate adds the place in the log and the anchor, under the newest checkpoint that the witness has signed; where it has not come as far
// as this ticket, or the log is being made again and has not come as far as the witness, under the newest there is.
func locate(ctx context.Context, tx pgx.Tx, bundle *proof.Bundle, root [32]byte) error {
	signed, err := hotstate.ReadWitnessedCheckpoint(ctx, tx)
	if err != nil {
		return err
	}
	newest, err := hotstate.ReadLogCheckpoint(ctx, tx)
	if err != nil {
		return err
	}
	if signed.Size <= bundle.Index || signed.Size > newest.Size {
		signed = newest
	}
	text, err := checkpoint.Text(signed.Signed)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	reader := tiles.Reader(func(ids []tiles.ID) (map[tiles.ID][]byte, error) { return hotstate.ReadTiles(ctx, tx, ids) })
	if bundle.Path, err = tlog.ProveRecord(text.Size, bundle.Index, reader); err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	leaf := tlog.RecordHash(ledger.LogEntry(bundle.Channel, bundle.TicketKey, root))
	if err := tlog.CheckRecord(bundle.Path, text.Size, text.Root, bundle.Index, leaf); err != nil {
		return fmt.Errorf("%w: the log's hashes do not lead to its signed root", ErrChanged)
	}
	bundle.Checkpoint = signed.Signed
	return addAnchor(ctx, tx, bundle, text, newest.Size, reader)
}
