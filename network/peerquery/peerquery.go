// Package peerquery asks one peer about its own state: a proposal signed by
// that organisation's client goes to that peer alone and is endorsed, but
// never ordered. No gateway picks another peer to answer in its place.
package peerquery

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tillproof/tillproof/network/identity"
)

// A Peer answers for its own copy of the channel.
type Peer struct {
	endorser  peer.EndorserClient
	identity  *identity.Identity
	channel   string
	chaincode string
}

// New returns a peer reached over the connection, asked as the identity.
func New(conn grpc.ClientConnInterface, id *identity.Identity, channel, chaincode string) *Peer {
	return &Peer{endorser: peer.NewEndorserClient(conn), identity: id, channel: channel, chaincode: chaincode}
}

// maxPages bounds CountRecords: no ledger has more pages than that, and a
// chaincode that always names a next one would otherwise never end.
const maxPages = 1_000_000

// CountRecords counts the tickets that this peer holds.
func (p *Peer) CountRecords(ctx context.Context) (int, error) {
	total, bookmark := 0, ""
	for range maxPages {
		answer, err := p.Evaluate(ctx, "CountRecords", bookmark)
		if err != nil {
			return 0, err
		}
		var page struct {
			Records  int
			Bookmark string
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return 0, fmt.Errorf("read the answer to CountRecords: %w", err)
		}
		total += page.Records
		if page.Bookmark == "" {
			return total, nil
		}
		bookmark = page.Bookmark
	}
	return 0, fmt.Errorf("CountRecords did not end after %d pages", maxPages)
}

// Evaluate calls a chaincode function on this peer and returns its answer.
func (p *Peer) Evaluate(ctx context.Context, function string, args ...string) ([]byte, error) {
	proposal, err := p.proposal(function, args)
	if err != nil {
		return nil, fmt.Errorf("make a proposal: %w", err)
	}
	response, err := p.endorser.ProcessProposal(ctx, proposal)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", function, err)
	}
	answer := response.GetResponse()
	if answer == nil {
		return nil, fmt.Errorf("call %s: %w", function, errors.New("the peer gave no answer"))
	}
	if answer.GetStatus() != int32(common.Status_SUCCESS) {
		return nil, fmt.Errorf("call %s: status %d: %s", function, answer.GetStatus(), answer.GetMessage())
	}
	return answer.GetPayload(), nil
}

func (p *Peer) proposal(function string, args []string) (*peer.SignedProposal, error) {
	header, err := p.header()
	if err != nil {
		return nil, err
	}
	input := [][]byte{[]byte(function)}
	for _, arg := range args {
		input = append(input, []byte(arg))
	}
	invocation, err := proto.Marshal(&peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{
		ChaincodeId: &peer.ChaincodeID{Name: p.chaincode},
		Input:       &peer.ChaincodeInput{Args: input},
	}})
	if err != nil {
		return nil, err
	}
	payload, err := proto.Marshal(&peer.ChaincodeProposalPayload{Input: invocation})
	if err != nil {
		return nil, err
	}
	content, err := proto.Marshal(&peer.Proposal{Header: header, Payload: payload})
	if err != nil {
		return nil, err
	}
	signature, err := p.identity.Sign()(hash.SHA256(content))
	if err != nil {
		return nil, err
	}
	return &peer.SignedProposal{ProposalBytes: content, Signature: signature}, nil
}

// header names the channel, the caller and a transaction id, which is by
// definition the hash of a nonce and the caller.
func (p *Peer) header() ([]byte, error) {
	creator, err := proto.Marshal(&msp.SerializedIdentity{
		Mspid:   p.identity.X509().MspID(),
		IdBytes: p.identity.X509().Credentials(),
	})
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, 24)
	rand.Read(nonce) // never fails
	id := sha256.Sum256(append(append([]byte(nil), nonce...), creator...))
	extension, err := proto.Marshal(&peer.ChaincodeHeaderExtension{ChaincodeId: &peer.ChaincodeID{Name: p.chaincode}})
	if err != nil {
		return nil, err
	}
	channelHeader, err := proto.Marshal(&common.ChannelHeader{
		Type:      int32(common.HeaderType_ENDORSER_TRANSACTION),
		ChannelId: p.channel,
		TxId:      hex.EncodeToString(id[:]),
		Timestamp: timestamppb.Now(),
		Extension: extension,
	})
	if err != nil {
		return nil, err
	}
	signatureHeader, err := proto.Marshal(&common.SignatureHeader{Creator: creator, Nonce: nonce})
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&common.Header{ChannelHeader: channelHeader, SignatureHeader: signatureHeader})
}
