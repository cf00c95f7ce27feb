package ledgertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

// hasOriginals tells whether every original of a ticket is given, recorded, and the one that its commitment names.
func (l *Ledger) hasOriginals(s *ledger.Submission) bool {
	if s.Points == nil {
		return true
	}
	for i, undo := range s.Points.Undoes {
		if i >= len(s.Originals) || s.Originals[i] == nil {
			return false
		}
		original := s.Originals[i]
		record, there := l.records[original.Key]
		if !there || record.Commitment != original.Opening.Root() || original.Opening.Reference != undo.Reference {
			return false
		}
	}
	return true
}

// EndorseSettlement judges undoes that waited.
func (l *Ledger) EndorseSettlement(ctx context.Context, encoded []byte) (fabric.Endorsed, error) {
	if _, err := l.fault(ctx, "settle"); err != nil {
		return fabric.Endorsed{}, err
	}
	batch, err := ledger.DecodeBatch(encoded)
	if err != nil {
		return fabric.Endorsed{}, fmt.Errorf("%w: %w", fabric.ErrPermanent, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	answer := ledger.Answer{Flags: make(map[int]string)}
	for i := range batch.Submissions {
		outcome := ledger.Recorded
		switch record, there := l.records[batch.Submissions[i].Key]; {
		case !there:
			outcome = ledger.Missing
		case record.Commitment != batch.Submissions[i].Commitment || batch.Submissions[i].Points.Root() != batch.Submissions[i].Commitment:
			outcome = ledger.Conflict
		case !l.hasOriginals(&batch.Submissions[i]):
			outcome, answer.Flags[i] = ledger.Already, string(rune(ledger.Waits))
		}
		answer.Outcomes += string(outcome)
	}
	id := make([]byte, 32)
	rand.Read(id)
	text := hex.EncodeToString(id)
	l.pending[text] = pending{batch: batch, outcomes: answer.Outcomes, settles: true}
	encodedAnswer, err := answer.Encode()
	return fabric.Endorsed{TransactionID: text, Answer: []byte(encodedAnswer), Envelope: []byte(text)}, err
}

func (l *Ledger) commitSettlement(id string, overtaken bool) {
	code := peer.TxValidationCode_VALID
	if overtaken {
		code = peer.TxValidationCode_MVCC_READ_CONFLICT
	}
	for i, s := range l.pending[id].batch.Submissions {
		if !overtaken && ledger.Outcome(l.pending[id].outcomes[i]) == ledger.Recorded {
			l.settled = append(l.settled, s.Key)
		}
	}
	l.known[id] = fabric.Commit{Valid: !overtaken, Code: code.String(), Block: uint64(len(l.blocks))}
	l.append(blocktest.Transaction{ID: id, Code: code})
}

// Settled gives the tickets whose undoes were settled, each time.
func (l *Ledger) Settled() []ledger.TicketKey {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]ledger.TicketKey(nil), l.settled...)
}

// Erase empties the person parts of all bodies, as erasure does.
func (l *Ledger) Erase(t testing.TB) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, body := range l.bodies {
		emptied, err := sealed.WithoutPerson(body)
		if err != nil {
			t.Fatal(err)
		}
		l.bodies[key] = emptied
	}
}

// ReadBody gives the sealed body of a recorded ticket.
func (l *Ledger) ReadBody(_ context.Context, key ledger.TicketKey) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Unread != nil {
		if err := l.Unread(key); err != nil {
			return nil, err
		}
	}
	if body, there := l.bodies[key]; there {
		return body, nil
	}
	return nil, fmt.Errorf("no ticket is recorded under key %s", key)
}
