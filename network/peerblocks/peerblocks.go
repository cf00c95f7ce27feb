// Package peerblocks reads the tickets that one peer's own copy of the channel records, block by block, as that
// organisation's client. Witness and audit rebuild the log from them, with nothing of the other organisation's in between.
package peerblocks

import (
	"context"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/identity"
	"github.com/tillproof/tillproof/network/peerquery"
)

// Config says which channel of which peer to read, and as whom.
type Config struct {
	Channel     string
	Chaincode   string
	MSPID       string // the client's organisation
	Certificate string // PEM file
	PrivateKey  string // PEM file
	Peer        string // host:port
	TLSCA       string // PEM file: the peer's TLS certificate is of this CA
}

// A Peer is one peer's copy of the channel.
type Peer struct {
	config     Config
	identity   *identity.Identity
	connection *grpc.ClientConn
	gateway    *client.Gateway
}

// Open prepares the connection, which is made when it is first used.
func Open(config Config) (*Peer, error) {
	id, err := identity.Load(config.MSPID, config.Certificate, config.PrivateKey)
	if err != nil {
		return nil, err
	}
	connection, err := identity.Dial(config.Peer, config.TLSCA)
	if err != nil {
		return nil, err
	}
	gateway, err := client.Connect(id.X509(), client.WithSign(id.Sign()), client.WithHash(hash.SHA256), client.WithClientConnection(connection))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("gateway of peer %s: %w", config.Peer, err), connection.Close())
	}
	return &Peer{config, id, connection, gateway}, nil
}

// Close ends the connection.
func (p *Peer) Close() error { return errors.Join(p.gateway.Close(), p.connection.Close()) }

// Height is the number of blocks that the peer has.
func (p *Peer) Height(ctx context.Context) (uint64, error) {
	answer, err := peerquery.New(p.connection, p.identity, p.config.Channel, "qscc").Evaluate(ctx, "GetChainInfo", p.config.Channel)
	if err != nil {
		return 0, fmt.Errorf("height of peer %s: %w", p.config.Peer, err)
	}
	var info common.BlockchainInfo
	if err := proto.Unmarshal(answer, &info); err != nil {
		return 0, fmt.Errorf("height of peer %s: %w", p.config.Peer, err)
	}
	return info.GetHeight(), nil
}

// Follow gives each block's tickets from a number on, and waits for blocks to come, until the context ends, the stream
// breaks or each fails.
func (p *Peer) Follow(ctx context.Context, from uint64, each func(number uint64, recorded []block.Recorded) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks, err := p.gateway.GetNetwork(p.config.Channel).BlockEvents(ctx, client.WithStartBlock(from))
	if err != nil {
		return fmt.Errorf("follow the blocks of peer %s: %w", p.config.Peer, err)
	}
	for next := from; ; next++ {
		b, open := <-blocks
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !open {
			return fmt.Errorf("the stream of blocks of peer %s ended", p.config.Peer)
		}
		if number := b.GetHeader().GetNumber(); number != next {
			return fmt.Errorf("peer %s gave block %d where block %d was due", p.config.Peer, number, next)
		}
		recorded, err := block.ReadRecorded(b, p.config.Chaincode)
		if err != nil {
			return err
		}
		if err := each(next, recorded); err != nil {
			return err
		}
	}
}
