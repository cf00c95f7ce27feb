package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// catchUp waits until every peer has the blocks that the orderer has now: a
// peer made anew knows nothing of the chaincode until then.
func (n *Network) catchUp(ctx context.Context) error {
	_, body, err := n.osnadmin(ctx, "list", "--channelID", Channel)
	if err != nil {
		return err
	}
	height, err := active(body)
	if err != nil {
		return err
	}
	for _, peer := range n.Peers {
		if err := n.catchUpPeer(ctx, peer, height); err != nil {
			return fmt.Errorf("the %s peer does not catch up with the orderer: %w", peer.Name, err)
		}
	}
	return nil
}

// catchUpPeer takes as long as it takes; only a standstill is a failure.
func (n *Network) catchUpPeer(ctx context.Context, p Peer, wanted int) error {
	height, said := 0, time.Now()
	for height < wanted {
		before := height
		err := eventually(ctx, joinWithin, func() error {
			var err error
			if height, err = n.height(ctx, p); err != nil {
				return err
			}
			if height <= before {
				return fmt.Errorf("it stands still at %d of %d blocks", height, wanted)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if height < wanted && time.Since(said) > 5*time.Second {
			said = time.Now()
			n.Progress(fmt.Sprintf("the %s peer catches up: %d of %d blocks", p.Name, height, wanted))
		}
	}
	return nil
}

func (n *Network) height(ctx context.Context, p Peer) (int, error) {
	output, err := n.peerCommand(ctx, p, "channel", "getinfo", "-c", Channel)
	if err != nil {
		return 0, err
	}
	_, info, _ := bytes.Cut(output, []byte("Blockchain info: "))
	var chain struct{ Height int }
	if err := json.Unmarshal(info, &chain); err != nil {
		return 0, fmt.Errorf("read the peer's height: %w", err)
	}
	return chain.Height, nil
}
