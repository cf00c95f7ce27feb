package bench

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

// Live is what listeners of the stream got while blocks were recorded.
type Live struct {
	Listeners   int       `json:"listeners"`
	Seconds     float64   `json:"seconds"`
	Blocks      int       `json:"blocks"`
	Due         int       `json:"due"`      // news that were due: a block with sales of the listener's manufacturer, for each of its listeners
	Received    int       `json:"received"` // of them
	Delay       Quantiles `json:"delay"`    // from the block's commit until the listener has read of it
	ServerBytes int64     `json:"serverPeakBytes"`
}

const (
	listeners      = 2000
	blockEvery     = 500 * time.Millisecond
	ticketsOfLive  = 50 // a block
	lateNewsWithin = 5 * time.Second
	connectAtOnce  = 50
)

// A broadcast is the recording that listeners hear of.
type broadcast struct {
	first     int64 // block
	blocks    []hotstate.Projection
	concerned [][manufacturers]bool // by block, whose products are in it
	committed []atomic.Int64        // when, by block, in nanoseconds; 0: not yet
}

// live opens the streams, records blocks as the projector does, and gathers what came when.
func (s *server) live(ctx context.Context, owner *pgxpool.Pool, c chain, during time.Duration) (Live, error) {
	b := c.broadcast(int(during / blockEvery))
	listening, cancel := context.WithCancel(ctx)
	defer cancel()
	heard, wait, err := s.listen(listening, b)
	if err != nil {
		return Live{}, err
	}
	peak := s.watchMemory(listening)
	began := time.Now()
	err = b.record(ctx, owner)
	took := time.Since(began)
	time.Sleep(lateNewsWithin)
	cancel()
	err = errors.Join(err, wait())
	delays := slices.Concat(heard...)
	return Live{
		Listeners: listeners, Seconds: took.Seconds(), Blocks: len(b.blocks), Due: b.due(), Received: len(delays),
		Delay: quantiles(delays), ServerBytes: <-peak,
	}, err
}

// broadcast continues the chain's blocks with small ones.
func (c chain) broadcast(blocks int) *broadcast {
	b := &broadcast{
		first: int64(c.blocks()), blocks: make([]hotstate.Projection, blocks),
		concerned: make([][manufacturers]bool, blocks), committed: make([]atomic.Int64, blocks),
	}
	for i := range b.blocks {
		p := hotstate.Projection{Channel: channel, Block: uint64(c.blocks() + i)}
		for n := range ticketsOfLive {
			t := c.ticket(c.tickets() + i*ticketsOfLive + n)
			t.LoyaltyID, t.Points = nil, 0
			p.Tickets = append(p.Tickets, t)
			for _, l := range t.Lines {
				b.concerned[i][makerOf(l.ItemID)] = true
			}
		}
		b.blocks[i] = p
	}
	return b
}

// record writes the blocks at an even pace.
func (b *broadcast) record(ctx context.Context, pool *pgxpool.Pool) error {
	began := time.Now()
	for i, block := range b.blocks {
		time.Sleep(time.Until(began.Add(time.Duration(i) * blockEvery)))
		block.Time = time.Now()
		if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return hotstate.Project(ctx, tx, block) }); err != nil {
			return err
		}
		b.committed[i].Store(time.Now().UnixNano())
	}
	return nil
}

// due counts what listeners are to hear.
func (b *broadcast) due() (news int) {
	for _, concerned := range b.concerned {
		for _, is := range concerned {
			if is {
				news += listeners / manufacturers
			}
		}
	}
	return news
}

// delays are those of the news between two blocks.
func (b *broadcast) delays(told, block int64, maker int) (delays []time.Duration) {
	now := time.Now().UnixNano()
	for n := told + 1 - b.first; n <= block-b.first; n++ {
		if !b.concerned[n][maker] {
			continue
		}
		delay := time.Duration(0) // a listener may hear of a block before we know that it is committed
		if at := b.committed[n].Load(); at != 0 {
			delay = time.Duration(now - at)
		}
		delays = append(delays, delay)
	}
	return delays
}

func makerOf(itemID string) int {
	n, err := strconv.Atoi(itemID[len("item-"):])
	if err != nil {
		panic(err) // an id of our own
	}
	return n % manufacturers
}
