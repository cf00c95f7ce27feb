// Package ledgertest is the ledger at its seam, for tests: batches, answers, records, entries, chunks and blocks have the
// real bytes, and each call can fail in the ways in which a network fails. Beside it stands the shop whose tickets go
// there.
package ledgertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

// A Fault is what happens to one call.
type Fault int

// The faults.
const (
	None          Fault = iota
	Lost                // nothing happens, and the caller sees an error
	DoneButFailed       // it happens, and the caller sees an error
	Hangs               // nothing happens until the caller gives up
	Overtaken           // of a submission: another transaction wrote first, the ledger calls it invalid
	Denied              // of an endorsement: the chaincode refuses the caller
)

var errFault = errors.New("connection reset")

// A Ledger judges and takes batches, in memory. A test sets its fields before it is used.
type Ledger struct {
	Faults  func(call string, nth int) Fault // call is "endorse" or "submit", counted from 1
	Refuse  map[ledger.TicketKey]string      // the chaincode refuses the ticket, for the reason
	Poison  map[ledger.TicketKey]bool        // the chaincode cannot bear a batch with the ticket
	Forge   func(*blocktest.Transaction)     // changes what stands in the block
	Twice   bool                             // each envelope stands twice in its block
	Missing func(number uint64) bool         // the peer has no private data of the block
	Unread  func(key ledger.TicketKey) error // why the peer cannot be asked for a body either
	Rules   points.Programme                 // nil: the default
	mu      sync.Mutex
	calls   map[string]int
	pending map[string]pending       // endorsed, by transaction id
	known   map[string]fabric.Commit // submitted, by transaction id
	records map[ledger.TicketKey]ledger.Record
	bodies  map[ledger.TicketKey][]byte
	purses  map[ledger.Account]*purse
	settled []ledger.TicketKey              // whose undoes were carried out after they were recorded
	seen    map[ledger.TicketKey][][32]byte // commitments, each time a ticket was to be endorsed
	batches [][]ledger.TicketKey            // submitted, each time
	blocks  []*peer.BlockAndPrivateData
	grown   chan struct{} // closed when a block comes, or streams break
	broken  int
}

type pending struct {
	batch    ledger.Batch
	outcomes string
	settles  bool
	effect   func() (public, private []block.Write) // of a call
}

// New makes an empty ledger, with its first block, which configures the channel.
func New() *Ledger {
	l := &Ledger{
		calls:   make(map[string]int),
		pending: make(map[string]pending),
		known:   make(map[string]fabric.Commit),
		records: make(map[ledger.TicketKey]ledger.Record),
		bodies:  make(map[ledger.TicketKey][]byte),
		purses:  make(map[ledger.Account]*purse),
		seen:    make(map[ledger.TicketKey][][32]byte),
		grown:   make(chan struct{}),
	}
	l.Append(blocktest.Transaction{Config: true})
	return l
}

func (l *Ledger) fault(ctx context.Context, call string) (Fault, error) {
	l.mu.Lock()
	l.calls[call]++
	var fault Fault
	if l.Faults != nil {
		fault = l.Faults(call, l.calls[call])
	}
	l.mu.Unlock()
	switch {
	case fault == Hangs:
		<-ctx.Done()
		return fault, ctx.Err()
	case fault == Lost:
		return fault, fmt.Errorf("%s: %w", call, errFault)
	case fault == Denied:
		return fault, fmt.Errorf("%s: %w: access denied", call, fabric.ErrPermanent)
	}
	return fault, ctx.Err()
}

// Endorse judges a batch as the chaincode does.
func (l *Ledger) Endorse(ctx context.Context, encoded []byte) (fabric.Endorsed, error) {
	fault, err := l.fault(ctx, "endorse")
	if err != nil {
		return fabric.Endorsed{}, err
	}
	batch, err := ledger.DecodeBatch(encoded)
	if err != nil {
		return fabric.Endorsed{}, fmt.Errorf("%w: %w", fabric.ErrPermanent, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	answer, err := l.judge(batch.Submissions)
	if err != nil {
		return fabric.Endorsed{}, err
	}
	text, err := answer.Encode()
	if err != nil {
		return fabric.Endorsed{}, err
	}
	id := make([]byte, 32)
	rand.Read(id)
	endorsed := fabric.Endorsed{TransactionID: hex.EncodeToString(id), Answer: []byte(text), Envelope: []byte(hex.EncodeToString(id))}
	l.pending[endorsed.TransactionID] = pending{batch: batch, outcomes: answer.Outcomes}
	if fault == DoneButFailed {
		return fabric.Endorsed{}, errFault
	}
	return endorsed, nil
}

func (l *Ledger) judge(batch []ledger.Submission) (ledger.Answer, error) {
	answer := ledger.Answer{Already: make(map[int]string), Reasons: make(map[int]string), Flags: make(map[int]string)}
	for i := range batch {
		if !l.hasOriginals(&batch[i]) {
			answer.Flags[i] = string(rune(ledger.Waits))
		}
		if o := batch[i].Points; o != nil && o.Account != ([16]byte{}) && converts(must(l.rules().RuleFor(o.BusinessDay)), o.Currency) {
			if batch[i].Conversion.Rate == 0 {
				return answer, fmt.Errorf("%w: ticket %d: the batch gives no conversion from %s", fabric.ErrPermanent, i, o.Currency)
			}
			answer.Programme = l.rules().Version()
		}
		l.seen[batch[i].Key] = append(l.seen[batch[i].Key], batch[i].Commitment)
		outcome := ledger.Recorded
		record, there := l.records[batch[i].Key]
		reason, refused := l.Refuse[batch[i].Key]
		switch {
		case l.Poison[batch[i].Key]:
			return answer, fmt.Errorf("%w: ticket %d: version 9 is not known here", fabric.ErrPermanent, i)
		case there && record.Commitment == batch[i].Commitment:
			outcome, answer.Already[i] = ledger.Already, record.TransactionID.String()
		case there:
			outcome = ledger.Conflict
		case refused:
			outcome, answer.Reasons[i] = ledger.Refused, reason
		case batch[i].Points != nil && batch[i].Points.Root() != batch[i].Commitment:
			outcome, answer.Reasons[i] = ledger.Refused, "the opening does not belong to the commitment"
		}
		answer.Outcomes += string(outcome)
	}
	return answer, nil
}

// Submit orders an envelope and commits it in a block of its own. It takes a transaction id once.
func (l *Ledger) Submit(ctx context.Context, envelope []byte) (fabric.Commit, error) {
	fault, err := l.fault(ctx, "submit")
	if err != nil {
		return fabric.Commit{}, err
	}
	id := string(envelope)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, endorsed := l.pending[id]; !endorsed {
		return fabric.Commit{}, fmt.Errorf("no transaction %q was ever endorsed", id)
	}
	if _, known := l.known[id]; known {
		l.append(l.transaction(id, peer.TxValidationCode_DUPLICATE_TXID))
	} else {
		l.commit(id, fault == Overtaken)
	}
	if fault == DoneButFailed {
		return fabric.Commit{}, errFault
	}
	return l.known[id], nil
}

func (l *Ledger) commit(id string, overtaken bool) {
	p := l.pending[id]
	code := peer.TxValidationCode_VALID
	switch {
	case p.effect != nil:
		l.commitCall(id, overtaken)
		return
	case p.settles:
		l.commitSettlement(id, overtaken)
		return
	}
	for i := range p.batch.Submissions {
		if _, there := l.records[p.batch.Submissions[i].Key]; overtaken || there && ledger.Outcome(p.outcomes[i]) == ledger.Recorded {
			code = peer.TxValidationCode_MVCC_READ_CONFLICT
		}
	}
	var keys []ledger.TicketKey
	for i := range p.batch.Submissions {
		keys = append(keys, p.batch.Submissions[i].Key)
	}
	l.batches = append(l.batches, keys)
	l.known[id] = fabric.Commit{Valid: code == peer.TxValidationCode_VALID, Code: code.String(), Block: uint64(len(l.blocks))}
	transactions := []blocktest.Transaction{l.transaction(id, code)}
	if l.Twice {
		transactions = append(transactions, l.transaction(id, peer.TxValidationCode_DUPLICATE_TXID))
	}
	l.append(transactions...)
}

// Records gives what is recorded.
func (l *Ledger) Records() map[ledger.TicketKey]ledger.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	copied := make(map[ledger.TicketKey]ledger.Record, len(l.records))
	for key, record := range l.records {
		copied[key] = record
	}
	return copied
}

// Batches gives the ticket keys of each transaction that was submitted, valid or not.
func (l *Ledger) Batches() [][]ledger.TicketKey {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([][]ledger.TicketKey(nil), l.batches...)
}

// Seen gives the commitments of each time that a ticket was to be endorsed.
func (l *Ledger) Seen(key ledger.TicketKey) [][32]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([][32]byte(nil), l.seen[key]...)
}

// Heal ends all poison.
func (l *Ledger) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Poison = nil
}

// Agree puts a rule in force.
func (l *Ledger) Agree(rule points.Rule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rule.Version = l.rules().Version() + 1
	l.Rules = append(append(points.Programme(nil), l.rules()...), rule)
}

// Programme gives the rules in force.
func (l *Ledger) Programme() points.Programme {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rules()
}

// Calls counts the calls of one kind.
func (l *Ledger) Calls(call string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls[call]
}

// Put records a commitment that did not come through a batch.
func (l *Ledger) Put(t testing.TB, key ledger.TicketKey, commitment [32]byte) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records[key] = ledger.Record{Commitment: commitment}
}
