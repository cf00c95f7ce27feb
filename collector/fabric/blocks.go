package fabric

import (
	"context"
	"fmt"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Blocks gives the channel's blocks in order from a number on, each with the private data that the peer holds of it. The
// channel ends when the context does or the connection breaks: the caller then calls again.
func (c *Client) Blocks(ctx context.Context, from uint64) (<-chan *peer.BlockAndPrivateData, error) {
	gateway, at := c.gateway()
	events, err := gateway.GetNetwork(c.config.Channel).BlockAndPrivateDataEvents(ctx, client.WithStartBlock(from))
	if err != nil {
		c.failed(at, err)
		return nil, fmt.Errorf("follow blocks from %d: %w", from, err)
	}
	return events, nil
}
