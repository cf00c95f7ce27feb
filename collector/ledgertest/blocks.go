package ledgertest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

// chaincode is the namespace of the writes.
const chaincode = "tickets"

// Channel is the channel's name.
func (l *Ledger) Channel() string { return "tickets" }

// Chaincode is the chaincode's name.
func (l *Ledger) Chaincode() string { return chaincode }

// transaction makes an endorsed transaction as it stands in a block, and applies it if it is valid.
func (l *Ledger) transaction(id string, code peer.TxValidationCode) blocktest.Transaction {
	t := blocktest.Transaction{ID: id, Code: code, Time: time.Date(2026, 5, 4, 12, 0, len(l.blocks), 0, time.UTC)}
	transactionID := must(ledger.ParseTransactionID(id))
	batch := l.pending[id].batch
	chunks := make([]ledger.Chunk, len(batch.Lots))
	for number, lot := range batch.Lots {
		slots := min(ledger.ChunkSlots, len(batch.Submissions)-number*ledger.ChunkSlots)
		chunks[number] = ledger.Chunk{Lot: lot, Slots: make([]ledger.Slot, slots)}
	}
	for i, s := range batch.Submissions {
		if ledger.Outcome(l.pending[id].outcomes[i]) != ledger.Recorded {
			continue
		}
		chunk, slot := i/ledger.ChunkSlots, i%ledger.ChunkSlots
		record := ledger.Record{Commitment: s.Commitment, Programme: points.Default.Version(), TransactionID: transactionID,
			Chunk: uint8(chunk), Slot: uint8(slot)}
		chunks[chunk].Slots[slot].Sealed = s.Sealed
		if code == peer.TxValidationCode_VALID {
			l.records[s.Key], l.bodies[s.Key] = record, sealed.Compose(batch.Lots[chunk], slot, s.Sealed)
		}
		t.Writes = append(t.Writes, public(ledger.RecordKey(s.Key), record.Encode()))
		if o := s.Points; o != nil && o.Account != ([16]byte{}) {
			rule := must(l.rules().RuleFor(o.BusinessDay))
			entry := ledger.Entry{Kind: ledger.Accrual, Eligible: o.Eligible, Currency: o.Currency, BusinessDay: o.BusinessDay,
				RuleVersion: rule.Version}
			if converts(rule, o.Currency) {
				entry.Conversion, entry.Source = s.Conversion.Rate, s.Conversion.Source
			}
			entry.Points = rule.Earned(o.Eligible, entry.Conversion)
			t.Writes = append(t.Writes, public(ledger.EntryKey(o.Account, o.EntryID, o.Eligible), must(entry.Encode())))
			if code == peer.TxValidationCode_VALID && entry.Points > 0 {
				l.purse(o.Account).credits[o.EntryID] = entry
			}
		}
	}
	for number, chunk := range chunks {
		t.Private = append(t.Private, private(id, uint8(number), chunk))
	}
	slices.SortFunc(t.Writes, func(a, b block.Write) int { return cmp.Compare(a.Key, b.Key) })
	return t
}

// rules are the programme in force.
func (l *Ledger) rules() points.Programme {
	if l.Rules == nil {
		return points.Default
	}
	return l.Rules
}

func converts(rule points.Rule, currency string) bool {
	return rule.Currency != "" && rule.Currency != currency
}

func public(key string, value []byte) block.Write {
	return block.Write{Namespace: chaincode, Key: key, Value: value}
}

func private(id string, number uint8, chunk ledger.Chunk) block.Write {
	return block.Write{Namespace: chaincode, Collection: ledger.Bodies, Key: ledger.ChunkKey(id, number), Value: must(ledger.EncodeChunk(chunk))}
}

// Append adds a block.
func (l *Ledger) Append(transactions ...blocktest.Transaction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.append(transactions...)
}

func (l *Ledger) append(transactions ...blocktest.Transaction) {
	for i := range transactions {
		if l.Forge != nil {
			l.Forge(&transactions[i])
		}
	}
	l.blocks = append(l.blocks, blocktest.Build(uint64(len(l.blocks)), transactions...))
	l.wake()
}

func (l *Ledger) wake() {
	close(l.grown)
	l.grown = make(chan struct{})
}

// Height is the number of blocks.
func (l *Ledger) Height() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.blocks)
}

// BreakStreams ends every stream of blocks, as when the peer goes away.
func (l *Ledger) BreakStreams() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken++
	l.wake()
}

// Blocks streams the blocks from a number on, as a peer does.
func (l *Ledger) Blocks(ctx context.Context, from uint64) (<-chan *peer.BlockAndPrivateData, error) {
	stream := make(chan *peer.BlockAndPrivateData)
	l.mu.Lock()
	epoch := l.broken
	l.mu.Unlock()
	go func() {
		defer close(stream)
		for next := from; ctx.Err() == nil; {
			b, grown, whole := l.at(next, epoch)
			switch {
			case !whole:
				return
			case b == nil:
				select {
				case <-grown:
				case <-ctx.Done():
				}
			default:
				select {
				case stream <- b:
					next++
				case <-ctx.Done():
				}
			}
		}
	}()
	return stream, nil
}

// at gives a block, or what to wait for; whole is false when the streams of an epoch are broken.
func (l *Ledger) at(number uint64, epoch int) (b *peer.BlockAndPrivateData, grown <-chan struct{}, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != epoch {
		return nil, nil, false
	}
	if number >= uint64(len(l.blocks)) {
		return nil, l.grown, true
	}
	b = l.blocks[number]
	if l.Missing != nil && l.Missing(number) {
		b = &peer.BlockAndPrivateData{Block: b.GetBlock()}
	}
	return b, nil, true
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
