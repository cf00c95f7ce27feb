package spending

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
)

// maxConflicts is how often one order is endorsed anew in a row before it goes to the end of a pause.
const maxConflicts = 20

var errConflicts = errors.New("overtaken too often")

// call has a function judged and, where it would change something, brought to the ledger. The answer holds once call has
// returned without an error.
func call[A any](ctx context.Context, s *Service, function string, request any, changes func(A) bool) (A, error) {
	var answer A
	argument, err := ledger.EncodeCall(request)
	if err != nil {
		return answer, err
	}
	for range maxConflicts {
		endorsed, err := s.ledger.EndorseCall(ctx, function, argument)
		if err != nil {
			return answer, err
		}
		answer = *new(A)
		if err := json.Unmarshal(endorsed.Answer, &answer); err != nil {
			return answer, fmt.Errorf("answer of %s: %w", function, err)
		}
		if !changes(answer) {
			return answer, nil
		}
		commit, err := s.ledger.Submit(ctx, endorsed.Envelope)
		if err != nil || commit.Valid {
			return answer, err
		}
		s.conflicts.Inc()
		pause(ctx, rand.N(20*time.Millisecond))
	}
	return answer, fmt.Errorf("%s: %w", function, errConflicts)
}
