package ingest

import (
	"bytes"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// takeKeys takes the group's idempotency keys, for as long as the transaction lasts.
func (g *group) takeKeys(batch *pgx.Batch) {
	for _, i := range g.open {
		if key := g.submissions[i].Key; key != nil {
			g.keys = append(g.keys, *key)
		}
	}
	if len(g.keys) > 0 {
		g.taken = hotstate.TakeIdempotencyKeys(batch, g.keys)
	}
}

// replay answers what was answered before under the same idempotency key, and refuses a key that is being worked on or
// was used for another body.
func (g *group) replay() {
	mine := make(map[hotstate.IdempotencyKey]bool, len(g.keys))
	for k, key := range g.keys {
		mine[key] = g.taken.Got[k]
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
		answer, known := g.taken.Answers[*key]
		if known && !bytes.Equal(answer.BodyHash, g.bodyHash(i)) {
			return rejected(keyReused()), true
		}
		return replayed(answer), known
	})
}

// storeAnswers keeps the answers that were given under a key. Refusals are not kept: nothing was carried out, and what
// stood in the way may be gone the next time.
func (g *group) storeAnswers(batch *pgx.Batch) {
	answers := make(map[hotstate.IdempotencyKey]hotstate.StoredAnswer)
	for i, submission := range g.submissions {
		if submission.Key != nil && !g.outcomes[i].kept && g.outcomes[i].Status != Rejected {
			answers[*submission.Key] = g.outcomes[i].Answer.stored(g.bodyHash(i))
		}
	}
	if len(answers) > 0 {
		hotstate.StoreAnswers(batch, answers)
	}
}

// bodyHash is keyed, like a ticket's: a plain hash would confirm a guess at the body for as long as the key is kept.
func (g *group) bodyHash(i int) []byte { return g.keyring.ContentMAC(g.submissions[i].Sent) }
