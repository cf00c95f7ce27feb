// Package projector turns the channel's blocks into rows of the view.
//
// A block's rows and the checkpoint commit together, so that a block is in the view once, whatever is killed when. One
// projector at a time works, held by an advisory lock of its database session; others wait to take its place. When the
// stream of blocks breaks, or anything else fails, it begins again behind the last block that committed.
package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/hotstate"
)

// Blocks is where blocks come from, and bodies that erasure has moved out of them.
type Blocks interface {
	Channel() string
	Chaincode() string
	Blocks(ctx context.Context, from uint64) (<-chan *peer.BlockAndPrivateData, error)
	ReadBody(ctx context.Context, key ledger.TicketKey) ([]byte, error)
}

// Keys open sealed bodies.
type Keys interface {
	PeriodToOpen(p sealed.Period) (keyring.Period, error)
	MemberByKeyID(keyID string) (keyring.Member, error)
	Reference(retailerID, transactionID string) [32]byte
	LogOperator(origin string) (*checkpoint.Signer, error)
}

const (
	standby      = time.Second            // between looks whether the projector's place is free
	restart      = time.Second            // pause after a failure
	contradicted = 10 * time.Second       // after one that somebody has to look into
	restatements = 500 * time.Millisecond // between looks for changed ownership
)

// A Projector is run once.
type Projector struct {
	Origin string           // name of the log; empty: "tillproof/" and the channel's
	Memory *unsealed.Memory // what this process has sealed itself; nil: nothing
	Rules  func()           // is told when the programme's rules have changed; nil: nobody

	pool    *pgxpool.Pool
	blocks  Blocks
	keys    Keys
	failure atomic.Pointer[error]
}

// New makes a projector.
func New(pool *pgxpool.Pool, blocks Blocks, keys Keys) *Projector {
	return &Projector{pool: pool, blocks: blocks, keys: keys}
}

// Ready is nil while the projector follows the blocks, or waits while another one does.
func (p *Projector) Ready(context.Context) error {
	if failure := p.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}

// Run works until the context ends.
func (p *Projector) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := p.hold(ctx)
		if ctx.Err() != nil {
			return
		}
		wait := standby
		p.failure.Store(nil)
		if err != nil {
			p.failure.Store(&err)
			wait = restart
			if contradiction := (*Contradiction)(nil); errors.As(err, &contradiction) {
				wait = contradicted
			}
			slog.ErrorContext(ctx, "projector: starting again", "error", err, "in", wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// hold follows the blocks for as long as this session has the projector's lock.
func (p *Projector) hold(ctx context.Context) error {
	pooled, err := p.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	conn := pooled.Hijack() // the lock is the session's: end both together
	defer conn.Close(context.WithoutCancel(ctx))
	locked, err := hotstate.LockProjector(ctx, conn)
	if err != nil || !locked {
		return err
	}
	return p.follow(ctx, conn)
}

func (p *Projector) follow(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, err := hotstate.NextBlock(ctx, conn, p.blocks.Channel())
	if err != nil {
		return err
	}
	if err := p.joinsOn(ctx, conn, next); err != nil {
		return err
	}
	blocks, err := p.blocks.Blocks(ctx, next)
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "projector: following", "channel", p.blocks.Channel(), "from", next)
	ticker := time.NewTicker(restatements)
	defer ticker.Stop()
	for {
		select {
		case b, open := <-blocks:
			if !open {
				return errors.New("the stream of blocks ended")
			}
			if err := p.project(ctx, conn, b); err != nil {
				return err
			}
			next = b.GetBlock().GetHeader().GetNumber() + 1
		case <-ticker.C:
			if err := p.checkPlace(ctx, conn, next); err != nil {
				return err
			}
			if err := p.restate(ctx, conn); err != nil {
				return err
			}
		}
		p.failure.Store(nil)
	}
}

func (p *Projector) project(ctx context.Context, conn *pgx.Conn, b *peer.BlockAndPrivateData) error {
	projection, err := p.read(ctx, b)
	if err != nil {
		return err
	}
	err = pgx.BeginTxFunc(ctx, conn, hotstate.ByKey, func(tx pgx.Tx) error {
		if err := hotstate.Project(ctx, tx, projection); err != nil {
			return err
		}
		return p.appendLog(ctx, tx, projection)
	})
	if err == nil && projection.NewRules && p.Rules != nil {
		p.Rules()
	}
	return contradicts(projection.Block, err)
}

// checkPlace notices, also while no blocks come, that somebody has cleared the view to have it made again.
func (p *Projector) checkPlace(ctx context.Context, conn *pgx.Conn, next uint64) error {
	there, err := hotstate.ViewNextBlock(ctx, conn, p.blocks.Channel())
	if err == nil && there != next {
		err = fmt.Errorf("the view is at block %d, not at %d where this projector left it", there, next)
	}
	return err
}

func (p *Projector) restate(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		lines, err := hotstate.Restate(ctx, tx)
		if err == nil && lines > 0 {
			slog.InfoContext(ctx, "projector: products changed hands", "lines", lines)
		}
		return err
	})
}
