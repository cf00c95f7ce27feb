package recorder

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// link gives each ticket that undoes others the openings of these. One whose originals cannot be had now is set apart.
func (r *Recorder) link(ctx context.Context, batch *sealedBatch) {
	batch.missing = make([][]string, len(batch.submissions))
	var apart []int
	for i := range batch.submissions {
		submission := &batch.submissions[i]
		if submission.Points == nil || len(submission.Points.Undoes) == 0 {
			continue
		}
		found, err := r.originals.Of(ctx, batch.retailers[i], batch.tickets[i], submission.Points)
		if err != nil {
			apart = append(apart, i)
			batch.stuck = append(batch.stuck, batch.ids[i])
			batch.fault = fmt.Errorf("link ticket %s: %w", submission.Key, err)
			continue
		}
		submission.Originals, batch.missing[i] = found.Originals, found.Missing
	}
	for _, i := range slices.Backward(apart) {
		batch.remove(i)
	}
}

func (b *sealedBatch) remove(i int) {
	b.submissions = slices.Delete(b.submissions, i, i+1)
	b.parts = slices.Delete(b.parts, i, i+1)
	b.contents = slices.Delete(b.contents, i, i+1)
	b.ids = slices.Delete(b.ids, i, i+1)
	b.tickets = slices.Delete(b.tickets, i, i+1)
	b.retailers = slices.Delete(b.retailers, i, i+1)
	b.missing = slices.Delete(b.missing, i, i+1)
}

// remarks is what is to be kept of the chaincode's answer. A ticket waits for the originals that were not found; where all
// were found (a void of a return that itself waits), for all of them. For a forgotten member's nothing waits.
func (b *sealedBatch) remarks(answer ledger.Answer) []hotstate.LedgerRemark {
	var remarks []hotstate.LedgerRemark
	for i, flags := range answer.Flags {
		remark := hotstate.LedgerRemark{TicketID: b.ids[i], Flags: flags}
		if strings.Contains(flags, string(rune(ledger.Waits))) {
			remark.Waits = b.missing[i]
			if len(remark.Waits) == 0 && !slices.Contains(b.submissions[i].Originals, nil) {
				remark.Waits = []string{b.tickets[i].VoidOf}
			}
		}
		remarks = append(remarks, remark)
	}
	return remarks
}
