package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/ledger"
)

// systemChaincode is Fabric's own, which answers for a peer's copy of the channel.
const systemChaincode = "qscc"

const (
	lookEvery  = 50 * time.Millisecond
	landWithin = 5 * time.Minute
)

var errNotLanded = errors.New("tickets are still on their way after " + landWithin.String())

// awaitLanded waits until no accepted ticket is on its way any more: the view has every one, and both peers have the
// blocks that the view has. It gives the moment.
func (s *system) awaitLanded(ctx context.Context) (time.Time, error) {
	deadline := time.Now().Add(landWithin)
	for time.Now().Before(deadline) {
		landed, err := s.landed(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if landed {
			return time.Now(), nil
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, errNotLanded
}

func (s *system) landed(ctx context.Context) (bool, error) {
	waiting, err := hotstate.CountBacklog(ctx, s.pool, 1)
	if err != nil || waiting > 0 {
		return false, err
	}
	return s.peersHave(ctx)
}

// peersHave says whether both peers have every block of the view.
func (s *system) peersHave(ctx context.Context) (bool, error) {
	next, err := hotstate.ViewNextBlock(ctx, s.pool, ledger.Channel)
	if err != nil {
		return false, err
	}
	for _, p := range s.peers {
		answer, err := p.Evaluate(ctx, "GetChainInfo", ledger.Channel)
		if err != nil {
			return false, err
		}
		var chain common.BlockchainInfo
		if err := proto.Unmarshal(answer, &chain); err != nil {
			return false, fmt.Errorf("read a peer's height: %w", err)
		}
		if chain.GetHeight() < next {
			return false, nil
		}
	}
	return true, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
