package peerquery

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/tillproof/tillproof/network/identity"
)

// endorser stands in for a peer. It checks what a peer checks of a proposal,
// and answers with what the test says.
type endorser struct {
	peer.UnimplementedEndorserServer
	answer func(args []string) *peer.Response
}

func (e endorser) ProcessProposal(_ context.Context, signed *peer.SignedProposal) (*peer.ProposalResponse, error) {
	args, err := check(signed)
	if err != nil {
		return nil, err
	}
	return &peer.ProposalResponse{Response: e.answer(args)}, nil
}

func check(signed *peer.SignedProposal) ([]string, error) {
	var proposal peer.Proposal
	var header common.Header
	var channel common.ChannelHeader
	var signature common.SignatureHeader
	var creator msp.SerializedIdentity
	var payload peer.ChaincodeProposalPayload
	var invocation peer.ChaincodeInvocationSpec
	err := errors.Join(
		proto.Unmarshal(signed.GetProposalBytes(), &proposal),
		proto.Unmarshal(proposal.GetHeader(), &header),
		proto.Unmarshal(header.GetChannelHeader(), &channel),
		proto.Unmarshal(header.GetSignatureHeader(), &signature),
		proto.Unmarshal(signature.GetCreator(), &creator),
		proto.Unmarshal(proposal.GetPayload(), &payload),
		proto.Unmarshal(payload.GetInput(), &invocation),
	)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(append(signature.GetNonce(), signature.GetCreator()...))
	if channel.GetTxId() != hex.EncodeToString(id[:]) {
		return nil, errors.New("the transaction id is not the hash of nonce and creator")
	}
	block, _ := pem.Decode(creator.GetIdBytes())
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	if err := certificate.CheckSignature(x509.ECDSAWithSHA256, signed.GetProposalBytes(), signed.GetSignature()); err != nil {
		return nil, err
	}
	if channel.GetChannelId() != "tickets" || invocation.GetChaincodeSpec().GetChaincodeId().GetName() != "records" || creator.GetMspid() != "BrandsMSP" {
		return nil, fmt.Errorf("channel %s, chaincode %v, caller of %s", channel.GetChannelId(), invocation.GetChaincodeSpec(), creator.GetMspid())
	}
	var args []string
	for _, arg := range invocation.GetChaincodeSpec().GetInput().GetArgs() {
		args = append(args, string(arg))
	}
	return args, nil
}

func TestCountRecordsAddsUpPages(t *testing.T) {
	pages := map[string]string{
		"":  `{"records":10000,"bookmark":"x"}`,
		"x": `{"records":10000,"bookmark":"y"}`,
		"y": `{"records":17,"bookmark":""}`,
	}
	p := serve(t, func(args []string) *peer.Response {
		if args[0] != "CountRecords" || len(args) != 2 {
			return &peer.Response{Status: 500, Message: "unexpected call"}
		}
		return &peer.Response{Status: 200, Payload: []byte(pages[args[1]])}
	})
	n, err := p.CountRecords(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if n != 20017 {
		t.Errorf("counted %d, want 20017", n)
	}
}

func TestEvaluateTellsWhatTheChaincodeSaid(t *testing.T) {
	tests := map[string]struct {
		response *peer.Response
		want     string
	}{
		"refused":   {&peer.Response{Status: 500, Message: "not for BrandsMSP"}, "not for BrandsMSP"},
		"no answer": {nil, "no answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := serve(t, func([]string) *peer.Response { return test.response })
			_, err := p.Evaluate(context.Background(), "ReadRecord", "key")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one that says %q", err, test.want)
			}
		})
	}
}

func serve(t *testing.T, answer func([]string) *peer.Response) *Peer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	peer.RegisterEndorserServer(server, endorser{answer: answer})
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return New(conn, newIdentity(t), "tickets", "records")
}

func newIdentity(t *testing.T) *identity.Identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "auditor"}, NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	err = errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	id, err := identity.Load("BrandsMSP", certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
