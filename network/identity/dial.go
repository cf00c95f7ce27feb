package identity

import (
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

// maxMessageBytes covers the largest block a peer can send (16 MiB by the
// channel's configuration) with private data beside it, and a margin.
const maxMessageBytes = 64 << 20

// pingEvery must stay at or above the peer's own minimum of 60 s
// (peer.keepalive.minInterval): a client that pings faster is disconnected.
const pingEvery = 60 * time.Second

// Dial prepares a TLS connection to a peer. The connection itself is made on
// first use and made again after a failure, so a peer need not be up yet.
func Dial(address, tlsCAFile string) (*grpc.ClientConn, error) {
	transport, err := credentials.NewClientTLSFromFile(tlsCAFile, "")
	if err != nil {
		return nil, fmt.Errorf("read TLS CA certificate %s: %w", tlsCAFile, err)
	}
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(transport),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: 20 * time.Second}),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes),
			grpc.MaxCallSendMsgSize(maxMessageBytes),
		),
	)
	if err != nil {
		return nil, fmt.Errorf("dial peer %s: %w", address, err)
	}
	return conn, nil
}
