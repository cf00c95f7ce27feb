package ledgertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

// A purse is an account as far as forgetting it goes: credits that are not folded.
type purse struct {
	credits   map[ledger.EntryID]ledger.Entry
	forgotten bool
}

func (l *Ledger) purse(of ledger.Account) *purse {
	if l.purses[of] == nil {
		l.purses[of] = &purse{credits: make(map[ledger.EntryID]ledger.Entry)}
	}
	return l.purses[of]
}

// Evaluate answers ReadRecord and ListEntries.
func (l *Ledger) Evaluate(ctx context.Context, function string, arguments ...string) ([]byte, error) {
	if _, err := l.fault(ctx, "evaluate"); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if function == "ReadRecord" {
		key := must(ledger.ParseTicketKey(arguments[0]))
		record, there := l.records[key]
		if !there {
			return nil, fmt.Errorf("no ticket is recorded under key %s", key)
		}
		return json.Marshal(map[string]any{"transactionId": record.TransactionID.String(), "chunk": record.Chunk, "slot": record.Slot})
	}
	var request ledger.PageRequest
	if err := json.Unmarshal([]byte(arguments[0]), &request); err != nil {
		return nil, err
	}
	var answer ledger.EntriesAnswer
	for id := range l.purse(must(ledger.ParseAccount(request.Account))).credits {
		answer.Credits = append(answer.Credits, ledger.EntryAnswer{ID: id.String()})
	}
	return json.Marshal(answer)
}

// EndorseCall judges FoldAccount and ForgetAccount.
func (l *Ledger) EndorseCall(ctx context.Context, function, argument string) (fabric.Endorsed, error) {
	if _, err := l.fault(ctx, "call"); err != nil {
		return fabric.Endorsed{}, err
	}
	var request ledger.FoldRequest
	if err := json.Unmarshal([]byte(argument), &request); err != nil {
		return fabric.Endorsed{}, err
	}
	of := must(ledger.ParseAccount(request.Account))
	return l.endorsed(ledger.FoldAnswer{Status: ledger.StatusDone}, func() (writes, _ []block.Write) {
		in := l.purse(of)
		for _, text := range request.Fold {
			id := must(ledger.ParseEntryID(text))
			if entry, there := in.credits[id]; there {
				delete(in.credits, id)
				writes = append(writes, public(ledger.FoldedKey(of, id), must(entry.Encode())))
			}
		}
		if function == "ForgetAccount" {
			in.forgotten = true
			writes = append(writes, public(ledger.HeadKey(of), ledger.EncodeHead(account.Head{Revision: 1})))
		}
		return writes, nil
	})
}

// EndorseRewrite judges RewriteChunk. The chunk's bodies are those of its transaction.
func (l *Ledger) EndorseRewrite(ctx context.Context, argument string, slots []byte) (fabric.Endorsed, error) {
	if _, err := l.fault(ctx, "rewrite"); err != nil {
		return fabric.Endorsed{}, err
	}
	var request ledger.RewriteRequest
	if err := json.Unmarshal([]byte(argument), &request); err != nil {
		return fabric.Endorsed{}, err
	}
	return l.endorsed(ledger.FoldAnswer{Status: ledger.StatusDone}, func() (_, private []block.Write) {
		for key, record := range l.records {
			in := record.TransactionID.String() == request.TransactionID && record.Chunk == request.Chunk
			if in && slices.Contains(slots, record.Slot) {
				l.bodies[key] = must(sealed.WithoutPerson(l.bodies[key]))
			}
		}
		return nil, nil
	})
}

// endorsed keeps what a call is to write until it is submitted.
func (l *Ledger) endorsed(answer any, effect func() (public, private []block.Write)) (fabric.Endorsed, error) {
	id := make([]byte, 32)
	rand.Read(id)
	text := hex.EncodeToString(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending[text] = pending{effect: effect}
	encoded, err := json.Marshal(answer)
	return fabric.Endorsed{TransactionID: text, Answer: encoded, Envelope: []byte(text)}, err
}

func (l *Ledger) commitCall(id string, overtaken bool) {
	t := blocktest.Transaction{ID: id, Code: peer.TxValidationCode_VALID}
	if overtaken {
		t.Code = peer.TxValidationCode_MVCC_READ_CONFLICT
	} else {
		t.Writes, t.Private = l.pending[id].effect()
	}
	l.known[id] = fabric.Commit{Valid: !overtaken, Code: t.Code.String(), Block: uint64(len(l.blocks))}
	l.append(t)
}

// Forgotten tells whether an account was marked as forgotten, and how many credits of it are not folded.
func (l *Ledger) Forgotten(of ledger.Account) (bool, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.purse(of).forgotten, len(l.purse(of).credits)
}
