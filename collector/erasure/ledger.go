package erasure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

var (
	errLedger    = errors.New("the ledger")
	errConflicts = errors.New("overtaken too often")
)

const (
	emptiedAtOnce = 200   // tickets whose chunks are looked up at a time
	maxConflicts  = 20    // in a row, before the erasure pauses
	maxFolds      = 2_000 // transactions that fold one account: a million credits
)

// empty has the person parts of all the member's bodies emptied on the ledger.
func (s *Service) empty(ctx context.Context, at *progress, e hotstate.Erasure) error {
	for { // each round marks what it was given, or fails
		keys, err := hotstate.TicketsToEmpty(ctx, s.pool, e.ID, emptiedAtOnce)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := at.to(ctx, "emptying the ledger's bodies"); err != nil {
			return err
		}
		chunks, err := s.chunksOf(ctx, keys)
		if err != nil {
			return err
		}
		order := slices.SortedFunc(maps.Keys(chunks), func(a, b chunk) int {
			return cmp.Or(cmp.Compare(a.transaction, b.transaction), cmp.Compare(a.number, b.number))
		})
		for _, c := range order {
			if err := s.rewrite(ctx, at, c, chunks[c]); err != nil {
				return err
			}
		}
	}
}

// A chunk of sealed bodies on the ledger.
type chunk struct {
	transaction string
	number      uint8
}

// members are a member's bodies in one chunk.
type members struct {
	slots []byte
	keys  [][]byte
}

// chunksOf asks the ledger where the bodies of tickets stand.
func (s *Service) chunksOf(ctx context.Context, keys [][32]byte) (map[chunk]members, error) {
	chunks := make(map[chunk]members)
	for _, key := range keys {
		encoded, err := s.ledger.Evaluate(ctx, "ReadRecord", ledger.TicketKey(key).String())
		if err != nil {
			return nil, fmt.Errorf("%w: find the body of ticket %x: %w", errLedger, key, err)
		}
		var record struct {
			TransactionID string
			Chunk, Slot   uint8
		}
		if err := json.Unmarshal(encoded, &record); err != nil {
			return nil, fmt.Errorf("find the body of ticket %x: %w", key, err)
		}
		at := chunk{record.TransactionID, record.Chunk}
		in := chunks[at]
		chunks[at] = members{append(in.slots, record.Slot), append(in.keys, key[:])}
	}
	return chunks, nil
}

func (s *Service) rewrite(ctx context.Context, at *progress, c chunk, of members) error {
	request, err := ledger.EncodeCall(ledger.RewriteRequest{TransactionID: c.transaction, Chunk: c.number})
	if err != nil {
		return err
	}
	_, _, err = s.write(ctx, func() (fabric.Endorsed, error) { return s.ledger.EndorseRewrite(ctx, request, of.slots) })
	if err != nil {
		return fmt.Errorf("rewrite chunk %d of %s: %w", c.number, c.transaction, err)
	}
	if err := hotstate.MarkEmptied(ctx, s.pool, at.id, of.keys); err != nil {
		return err
	}
	return at.to(ctx, at.step)
}

// forgetAccount folds all credits of an account into its head and has it marked as forgotten, upon which they expire. It
// submits in any case, also when there is nothing left to do: the block tells how far the view must come.
func (s *Service) forgetAccount(ctx context.Context, account ledger.Account) (block uint64, err error) {
	for range maxFolds {
		credits, err := s.credits(ctx, account)
		if err != nil {
			return 0, err
		}
		function := "ForgetAccount"
		if len(credits) == ledger.MaxFold {
			function = "FoldAccount"
		}
		request, err := ledger.EncodeCall(ledger.FoldRequest{Account: account.String(), Fold: credits})
		if err != nil {
			return 0, err
		}
		encoded, commit, err := s.write(ctx, func() (fabric.Endorsed, error) { return s.ledger.EndorseCall(ctx, function, request) })
		if err != nil {
			return 0, fmt.Errorf("%s: %w", function, err)
		}
		var answer ledger.FoldAnswer
		if err := json.Unmarshal(encoded, &answer); err != nil {
			return 0, fmt.Errorf("answer of %s: %w", function, err)
		}
		if function == "ForgetAccount" && !answer.More {
			return commit.Block, nil
		}
	}
	return 0, fmt.Errorf("forget an account: not done after %d transactions", maxFolds)
}

// credits names credits that are not folded, as many as one call takes.
func (s *Service) credits(ctx context.Context, account ledger.Account) ([]string, error) {
	request, err := ledger.EncodeCall(ledger.PageRequest{Account: account.String(), Bookmark: ledger.CreditsBookmark})
	if err != nil {
		return nil, err
	}
	encoded, err := s.ledger.Evaluate(ctx, "ListEntries", request)
	if err != nil {
		return nil, fmt.Errorf("%w: list an account's entries: %w", errLedger, err)
	}
	var entries ledger.EntriesAnswer
	if err := json.Unmarshal(encoded, &entries); err != nil {
		return nil, fmt.Errorf("list an account's entries: %w", err)
	}
	ids := make([]string, 0, ledger.MaxFold)
	for _, credit := range entries.Credits[:min(len(entries.Credits), ledger.MaxFold)] {
		ids = append(ids, credit.ID)
	}
	return ids, nil
}

// write has a call endorsed and brought to the ledger, anew where another transaction overtook it. An unclear outcome is
// resolved by the next attempt: all that is written here can be written again.
func (s *Service) write(ctx context.Context, endorse func() (fabric.Endorsed, error)) (answer []byte, commit fabric.Commit, err error) {
	for range maxConflicts {
		endorsed, err := endorse()
		if err != nil {
			return nil, commit, fmt.Errorf("%w: %w", errLedger, err)
		}
		commit, err = s.ledger.Submit(ctx, endorsed.Envelope)
		if err != nil {
			return nil, commit, fmt.Errorf("%w: %w", errLedger, err)
		}
		if commit.Valid {
			return endorsed.Answer, commit, nil
		}
		pause(ctx, rand.N(20*time.Millisecond))
	}
	return nil, commit, fmt.Errorf("%w: %w", errLedger, errConflicts)
}
