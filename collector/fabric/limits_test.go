package fabric

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// gatewayPeer is a peer that takes calls and, where it hangs, never answers them: as one whose machine hangs, or one that
// waits for a block with an envelope which the orderer lost.
type gatewayPeer struct {
	gatewaypb.UnimplementedGatewayServer
	hangs bool
	calls atomic.Int32
}

func (p *gatewayPeer) answer(ctx context.Context) error {
	p.calls.Add(1)
	if p.hangs {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (p *gatewayPeer) Evaluate(ctx context.Context, _ *gatewaypb.EvaluateRequest) (*gatewaypb.EvaluateResponse, error) {
	return &gatewaypb.EvaluateResponse{Result: &peer.Response{Payload: []byte("{}")}}, p.answer(ctx)
}

func (p *gatewayPeer) Endorse(ctx context.Context, _ *gatewaypb.EndorseRequest) (*gatewaypb.EndorseResponse, error) {
	return &gatewaypb.EndorseResponse{}, p.answer(ctx)
}

func (p *gatewayPeer) Submit(context.Context, *gatewaypb.SubmitRequest) (*gatewaypb.SubmitResponse, error) {
	return &gatewaypb.SubmitResponse{}, nil
}

func (p *gatewayPeer) CommitStatus(ctx context.Context, _ *gatewaypb.SignedCommitStatusRequest) (*gatewaypb.CommitStatusResponse, error) {
	return &gatewaypb.CommitStatusResponse{Result: peer.TxValidationCode_VALID, BlockNumber: 7}, p.answer(ctx)
}

// connectTo gives a client of these peers whose patience is short.
func connectTo(t *testing.T, peers ...*gatewayPeer) *Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	id, err := identity.NewX509Identity("RetailMSP", certificate)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := identity.NewPrivateKeySign(key)
	if err != nil {
		t.Fatal(err)
	}
	const short = 100 * time.Millisecond
	c := &Client{config: Config{Channel: "tickets", Chaincode: "tickets"}, limits: limits{short, short, short, short}, sign: sign}
	for _, p := range peers {
		c.connections = append(c.connections, listen(t, p))
		gateway, err := client.Connect(id, client.WithSign(sign), client.WithClientConnection(c.connections[len(c.connections)-1]))
		if err != nil {
			t.Fatal(err)
		}
		c.gateways = append(c.gateways, gateway)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func listen(t *testing.T, p *gatewayPeer) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	gatewaypb.RegisterGatewayServer(server, p)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// envelope is the least that a stored envelope must be to be submitted.
func envelope(t *testing.T) []byte {
	t.Helper()
	encode := func(m proto.Message) []byte {
		encoded, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	header := encode(&common.ChannelHeader{ChannelId: "tickets", TxId: "tx"})
	response := encode(&peer.ProposalResponsePayload{Extension: encode(&peer.ChaincodeAction{Response: &peer.Response{}})})
	action := encode(&peer.ChaincodeActionPayload{Action: &peer.ChaincodeEndorsedAction{ProposalResponsePayload: response}})
	data := encode(&peer.Transaction{Actions: []*peer.TransactionAction{{Payload: action}}})
	payload := encode(&common.Payload{Header: &common.Header{ChannelHeader: header}, Data: data})
	return encode(&gatewaypb.PreparedTransaction{TransactionId: "tx", Envelope: &common.Envelope{Payload: payload, Signature: []byte("s")}})
}

// No call waits for ever, though its caller would, and the next one goes to another peer.
func TestCallsEnd(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *Client) error{
		"evaluate": func(ctx context.Context, c *Client) error { _, err := c.Evaluate(ctx, "ReadAccount"); return err },
		"endorse": func(ctx context.Context, c *Client) error {
			_, err := c.EndorseCall(ctx, "HoldPoints", "{}")
			return err
		},
		"commit": func(ctx context.Context, c *Client) error { _, err := c.Submit(ctx, envelope(t)); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hanging, other := &gatewayPeer{hangs: true}, &gatewayPeer{}
			c := connectTo(t, hanging, other)
			ended := make(chan error, 1)
			go func() { ended <- call(t.Context(), c) }()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("a call without an answer is no success")
				}
			case <-time.After(30 * time.Second):
				t.Fatal("the call waits for ever")
			}
			call(t.Context(), c) // what comes of it is not the point here
			if hanging.calls.Load() != 1 || other.calls.Load() != 1 {
				t.Errorf("%d calls to the peer that hangs and %d to the other, want 1 and 1", hanging.calls.Load(), other.calls.Load())
			}
		})
	}
}
