// Package chain is what the anchor service knows of Ethereum: a node, the contract on it, and transactions that arrive
// once whatever fails.
package chain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// A Node is asked by JSON-RPC. It has the interfaces of ethclient.Client that are needed here.
type Node interface {
	BlockReceiptsReader
	ethereum.ChainIDReader
	ethereum.BlockNumberReader
	ethereum.ChainReader
	ethereum.ChainStateReader
	ethereum.ContractCaller
	ethereum.GasEstimator
	ethereum.GasPricer1559
	ethereum.LogFilterer
	ethereum.TransactionReader
	ethereum.TransactionSender
}

// ErrWrongChain says that the node follows another chain than was configured.
var ErrWrongChain = errors.New("the node is on another chain")

// Dial prepares to ask the node at an URL. It asks nothing yet: the node may be down.
func Dial(ctx context.Context, address *url.URL, timeout time.Duration) (*ethclient.Client, error) {
	bare := url.URL{Scheme: address.Scheme, Host: address.Host}
	client, err := rpc.DialOptions(ctx, bare.String(), rpc.WithHTTPClient(&http.Client{Timeout: timeout, Transport: addressee{address}}))
	if err != nil {
		return nil, fmt.Errorf("prepare to ask the Ethereum node: %w", err)
	}
	return ethclient.NewClient(client), nil
}

// An addressee puts the whole address into a request at the last moment: providers want a key in path or query, which
// must not show in errors and logs.
type addressee struct{ *url.URL }

func (a addressee) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = a.Path, a.RawPath, a.RawQuery
	if password, ok := a.User.Password(); ok {
		r.SetBasicAuth(a.User.Username(), password)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A Chain is one chain, with the database that remembers what was done on it.
type Chain struct {
	Node    Node
	DB      DB
	ID      uint64
	Genesis common.Hash
}

// DB is a pool: queries by themselves, and transactions.
type DB interface {
	hotstate.DB
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// Open finds out which chain the node follows. If expected is not 0, it must be that one.
func Open(ctx context.Context, node Node, db DB, expected uint64) (*Chain, error) {
	id, err := node.ChainID(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the Ethereum node for its chain: %w", err)
	}
	if expected != 0 && (!id.IsUint64() || id.Uint64() != expected) {
		return nil, fmt.Errorf("%w: chain %s, and CHAIN_ID is %d; point ETHEREUM_URL to a node of that chain", ErrWrongChain, id, expected)
	}
	genesis, err := node.HeaderByNumber(ctx, common.Big0)
	if err != nil {
		return nil, fmt.Errorf("ask the Ethereum node for the first block: %w", err)
	}
	return &Chain{Node: node, DB: db, ID: id.Uint64(), Genesis: genesis.Hash()}, nil
}

func (c *Chain) key() hotstate.EthereumChain {
	return hotstate.EthereumChain{ID: int64(c.ID), Genesis: c.Genesis[:]}
}
