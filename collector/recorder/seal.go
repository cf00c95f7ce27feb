package recorder

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"

	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// A sealedBatch is what goes to the ledger, in the order of ticket keys, and what does not.
type sealedBatch struct {
	submissions []ledger.Submission
	lots        [][]byte            // of each ledger.ChunkSlots submissions
	parts       []sealed.Parts      // what is to be sealed of the submissions' tickets
	contents    []unsealed.Contents // likewise, for the memory
	ids         []int64             // likewise
	tickets     []*ticket.Ticket    // likewise
	retailers   []string            // likewise
	missing     [][]string          // likewise: transaction ids that are to be undone and are not recorded
	unreadable  map[int64]string    // with the reason
	stuck       []int64             // cannot go to the ledger now, for want of a key, an original or a rate
	fault       error               // why, for one of them
	programme   uint32              // version of the rules that conversions were made for
	period      sealed.Period
}

// commit makes the commitments of tickets. One that cannot be sealed holds up no other.
func (r *Recorder) commit(tickets []hotstate.TicketToRecord) sealedBatch {
	slices.SortFunc(tickets, func(a, b hotstate.TicketToRecord) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	batch := sealedBatch{unreadable: make(map[int64]string), period: sealed.PeriodOf(r.now())}
	for i := range tickets {
		runtime.Gosched() // a till's request does not wait for the whole batch
		row := &tickets[i]
		decoded, err := ticket.Decode(row.Canonical)
		if err != nil {
			batch.unreadable[row.ID] = "refused: the stored ticket cannot be read"
			continue
		}
		if err := r.commitOne(&batch, row, decoded); err != nil {
			batch.stuck = append(batch.stuck, row.ID)
			batch.fault = fmt.Errorf("seal ticket %x: %w", row.Key, err)
			continue
		}
		batch.ids = append(batch.ids, row.ID)
		batch.tickets = append(batch.tickets, decoded)
		batch.retailers = append(batch.retailers, row.RetailerID)
	}
	return batch
}

func (r *Recorder) commitOne(batch *sealedBatch, row *hotstate.TicketToRecord, t *ticket.Ticket) error {
	periodKeys, err := r.keys.Period(batch.period)
	if err != nil {
		return err
	}
	facts := commitment.Facts{
		RetailerID: row.RetailerID,
		Reference:  func(id string) [32]byte { return r.keys.Reference(row.RetailerID, id) },
	}
	parts, personKeyID := sealed.Parts{PersonKey: periodKeys.Person}, ""
	if t.LoyaltyID != "" {
		member, err := r.keys.Member(t.LoyaltyID)
		if err != nil {
			return err
		}
		facts.Account, parts.PersonKey, personKeyID = member.Account, member.Key, member.KeyID
	}
	secrets := commitment.Derive(row.Seed)
	parts.Trade, parts.Person = sealed.Split(t, facts, secrets, personKeyID)
	tree, err := parts.Trade.Tree(facts.Reference)
	if err != nil {
		return err
	}
	submission := ledger.Submission{Key: row.Key, Commitment: tree.Root()}
	if opening := tree.Open(t, facts, secrets); t.LoyaltyID != "" || len(opening.Undoes)+len(opening.Redemptions) > 0 {
		submission.Points = opening
	}
	batch.submissions = append(batch.submissions, submission)
	batch.parts = append(batch.parts, parts)
	batch.contents = append(batch.contents, unsealed.Contents{Root: tree.Root(), Fixed: tree.Fixed(), Trade: parts.Trade, Person: &parts.Person})
	return nil
}

// seal encrypts what is to be recorded, and remembers it for the projector.
func (r *Recorder) seal(batch *sealedBatch) error {
	if len(batch.submissions) == 0 {
		return nil
	}
	keys, err := r.keys.Period(batch.period)
	if err != nil {
		return err
	}
	for first := 0; first < len(batch.parts); first += ledger.ChunkSlots {
		runtime.Gosched()
		end := min(first+ledger.ChunkSlots, len(batch.parts))
		lot, persons, err := sealed.SealLot(batch.period, keys.Trade, batch.parts[first:end])
		if err != nil {
			return fmt.Errorf("seal a lot: %w", err)
		}
		for i, person := range persons {
			batch.submissions[first+i].Sealed = person
		}
		batch.lots = append(batch.lots, lot)
		r.Memory.Keep(lot, persons, batch.contents[first:end])
	}
	return nil
}

func (b *sealedBatch) encode() ([]byte, error) {
	return ledger.EncodeBatch(ledger.Batch{Submissions: b.submissions, Lots: b.lots})
}
