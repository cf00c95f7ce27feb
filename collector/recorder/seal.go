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
	ids         []int64          // of the submissions' tickets
	tickets     []*ticket.Ticket // likewise
	retailers   []string         // likewise
	missing     [][]string       // likewise: transaction ids that are to be undone and are not recorded
	unreadable  map[int64]string // with the reason
	stuck       []int64          // cannot go to the ledger now, for want of a key, an original or a rate
	fault       error            // why, for one of them
	programme   uint32           // version of the rules that conversions were made for
}

// seal commits and encrypts tickets. One that cannot be sealed holds up no other.
func (r *Recorder) seal(tickets []hotstate.TicketToRecord) sealedBatch {
	slices.SortFunc(tickets, func(a, b hotstate.TicketToRecord) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	batch := sealedBatch{unreadable: make(map[int64]string)}
	for i := range tickets {
		runtime.Gosched() // a till's request does not wait for the whole batch
		row := &tickets[i]
		decoded, err := ticket.Decode(row.Canonical)
		if err != nil {
			batch.unreadable[row.ID] = "refused: the stored ticket cannot be read"
			continue
		}
		submission, err := r.sealOne(row, decoded)
		if err != nil {
			batch.stuck = append(batch.stuck, row.ID)
			batch.fault = fmt.Errorf("seal ticket %x: %w", row.Key, err)
			continue
		}
		batch.submissions = append(batch.submissions, submission)
		batch.ids = append(batch.ids, row.ID)
		batch.tickets = append(batch.tickets, decoded)
		batch.retailers = append(batch.retailers, row.RetailerID)
	}
	return batch
}

func (r *Recorder) sealOne(row *hotstate.TicketToRecord, t *ticket.Ticket) (ledger.Submission, error) {
	period := sealed.PeriodOf(r.now())
	periodKeys, err := r.keys.Period(period)
	if err != nil {
		return ledger.Submission{}, err
	}
	facts := commitment.Facts{
		RetailerID: row.RetailerID,
		Reference:  func(id string) [32]byte { return r.keys.Reference(row.RetailerID, id) },
	}
	personKey, personKeyID := periodKeys.Person, ""
	if t.LoyaltyID != "" {
		member, err := r.keys.Member(t.LoyaltyID)
		if err != nil {
			return ledger.Submission{}, err
		}
		facts.Account, personKey, personKeyID = member.Account, member.Key, member.KeyID
	}
	secrets := commitment.Derive(row.Seed)
	trade, person := sealed.Split(t, facts, secrets, personKeyID)
	tree, err := trade.Tree(facts.Reference)
	if err != nil {
		return ledger.Submission{}, err
	}
	submission := ledger.Submission{Key: row.Key, Commitment: tree.Root()}
	if opening := tree.Open(t, facts, secrets); t.LoyaltyID != "" || len(opening.Undoes)+len(opening.Redemptions) > 0 {
		submission.Points = opening
	}
	submission.Sealed, err = sealed.Seal(row.Key, period, periodKeys.Trade, personKey, trade, person)
	r.Memory.Keep(row.Key, submission.Sealed, unsealed.Contents{Root: tree.Root(), Fixed: tree.Fixed(), Trade: trade, Person: &person})
	return submission, err
}
