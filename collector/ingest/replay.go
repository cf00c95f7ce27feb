package ingest

import (
	"bytes"
	"context"

	"github.com/tillproof/tillproof/hotstate"
)

// replay answers what was answered before under the same idempotency key, and refuses a key that is being worked on or
// was used for another body. The keys it takes are its own until the transaction ends.
func (g *group) replay(ctx context.Context) error {
	var keys []hotstate.IdempotencyKey
	for _, submission := range g.submissions {
		if submission.Key != nil {
			keys = append(keys, *submission.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	locked, stored, err := hotstate.TakeIdempotencyKeys(ctx, g.tx, keys)
	if err != nil {
		return err
	}
	mine := make(map[hotstate.IdempotencyKey]bool, len(keys))
	for k, key := range keys {
		mine[key] = locked[k]
	}
	g.decide(func(i int) (Outcome, bool) {
		key := g.submissions[i].Key
		if key == nil {
			return Outcome{}, false
		}
		if !mine[*key] {
			return rejected(inFlight()), true
		}
		mine[*key] = false // a second one in this very group is too early
		answer, known := stored[*key]
		if known && !bytes.Equal(answer.BodyHash, g.bodyHash(i)) {
			return rejected(keyReused()), true
		}
		return replayed(answer), known
	})
	return nil
}

// storeAnswers keeps the answers that were given under a key. Refusals are not kept: nothing was carried out, and what
// stood in the way may be gone the next time.
func (g *group) storeAnswers(ctx context.Context) error {
	answers := make(map[hotstate.IdempotencyKey]hotstate.StoredAnswer)
	for i, submission := range g.submissions {
		if submission.Key != nil && !g.outcomes[i].replayed && g.outcomes[i].Status != Rejected {
			answers[*submission.Key] = g.outcomes[i].Answer.stored(g.bodyHash(i))
		}
	}
	if len(answers) == 0 {
		return nil
	}
	return hotstate.StoreAnswers(ctx, g.tx, answers)
}

// bodyHash is keyed, like a ticket's: a plain hash would confirm a guess at the body for as long as the key is kept.
func (g *group) bodyHash(i int) []byte { return g.keyring.ContentMAC(g.submissions[i].Sent) }
