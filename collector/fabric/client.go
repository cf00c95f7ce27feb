// Package fabric is the collector's way to the ledger: it has batches endorsed by both organisations, submits signed
// envelopes and learns what became of them, and follows the blocks.
package fabric

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/tillproof/tillproof/network/identity"
)

// Config says which channel to use, as whom, and through which peers.
type Config struct {
	Channel     string   // FABRIC_CHANNEL; tickets
	Chaincode   string   // FABRIC_CHAINCODE; tickets
	MSPID       string   // FABRIC_MSP_ID, the client's organisation; RetailMSP
	Certificate string   // FABRIC_CERTIFICATE, PEM file
	PrivateKey  string   // FABRIC_PRIVATE_KEY, PEM file
	Peers       []string // FABRIC_PEERS, host:port of the own organisation's peers, by commas
	TLSCA       string   // FABRIC_TLS_CA, PEM file: the peers' TLS certificates are of this CA
	Endorsers   []string // FABRIC_ENDORSERS, the organisations that must endorse; RetailMSP,BrandsMSP
}

// limits bound each call, whatever time its caller has. A commit is waited for longer by asking again.
type limits struct{ endorse, evaluate, submit, commit time.Duration }

var defaultLimits = limits{endorse: 30 * time.Second, evaluate: 30 * time.Second, submit: 10 * time.Second, commit: 30 * time.Second}

// A Client is safe for concurrent use. It speaks to one peer until that one fails, then to the next.
type Client struct {
	config      Config
	limits      limits
	sign        func(digest []byte) ([]byte, error)
	connections []*grpc.ClientConn
	gateways    []*client.Gateway
	current     atomic.Uint32
}

// Connect prepares the client. Connections are made when they are first used, so the peers need not be up yet.
func Connect(config Config) (*Client, error) {
	if len(config.Peers) == 0 {
		return nil, errors.New("no peer to connect to: FABRIC_PEERS is empty")
	}
	id, err := identity.Load(config.MSPID, config.Certificate, config.PrivateKey)
	if err != nil {
		return nil, err
	}
	c := &Client{config: config, limits: defaultLimits, sign: id.Sign()}
	for _, peer := range config.Peers {
		connection, err := identity.Dial(peer, config.TLSCA)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.connections = append(c.connections, connection)
		gateway, err := client.Connect(id.X509(), client.WithSign(id.Sign()), client.WithHash(hash.SHA256), client.WithClientConnection(connection))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("gateway of peer %s: %w", peer, err), c.Close())
		}
		c.gateways = append(c.gateways, gateway)
	}
	return c, nil
}

// Close ends all connections.
func (c *Client) Close() error {
	var errs []error
	for _, gateway := range c.gateways {
		errs = append(errs, gateway.Close())
	}
	for _, connection := range c.connections {
		errs = append(errs, connection.Close())
	}
	return errors.Join(errs...)
}

// Channel is the name of the channel.
func (c *Client) Channel() string { return c.config.Channel }

// Chaincode is the name of the chaincode, which is also that of its namespace on the channel.
func (c *Client) Chaincode() string { return c.config.Chaincode }

// gateway is the one in use, and its place, to be given to failed.
func (c *Client) gateway() (*client.Gateway, uint32) {
	at := c.current.Load()
	return c.gateways[int(at)%len(c.gateways)], at
}

// failed moves on to the next peer if a call did not reach this one, or had no answer in time: a machine that hangs closes no
// connection. Of many calls that fail at once, one moves on.
func (c *Client) failed(at uint32, err error) {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		c.current.CompareAndSwap(at, at+1)
	}
}

func (c *Client) contract() (*client.Contract, *client.Gateway, uint32) {
	gateway, at := c.gateway()
	return gateway.GetNetwork(c.config.Channel).GetContract(c.config.Chaincode), gateway, at
}

// Ping asks the peer in use for something small: whether it answers, and the chaincode behind it.
func (c *Client) Ping(ctx context.Context) error {
	contract, _, at := c.contract()
	_, err := contract.EvaluateWithContext(ctx, "ReadAccount", client.WithArguments("00000000000000000000000000000000"))
	if err != nil {
		c.failed(at, err)
		return fmt.Errorf("ask the peer: %w", err)
	}
	return nil
}
