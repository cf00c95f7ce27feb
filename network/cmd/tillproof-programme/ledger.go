package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/identity"
)

// config is all that the environment says.
type config struct {
	mspID, certificate, privateKey, peer, tlsCA, channel, chaincode string
	endorsers                                                       []string
	limit                                                           time.Duration // of the whole call
}

// callLimit is longer than endorsing, ordering and a block take together on a network that works at all.
const callLimit = time.Minute

// errSilent says that the peer took too long. What it was asked may still be carried out.
var errSilent = errors.New("the peer did not answer in time; look at the rules before you ask again")

func readConfig(getenv func(string) string) config {
	value := func(name, otherwise string) string {
		if set := getenv(name); set != "" {
			return set
		}
		return otherwise
	}
	return config{
		mspID: value("FABRIC_MSP_ID", "BrandsMSP"), certificate: getenv("FABRIC_CERTIFICATE"), privateKey: getenv("FABRIC_PRIVATE_KEY"),
		peer: getenv("FABRIC_PEER"), tlsCA: getenv("FABRIC_TLS_CA"),
		channel: value("FABRIC_CHANNEL", "tickets"), chaincode: value("FABRIC_CHAINCODE", "tickets"),
		endorsers: strings.Split(value("FABRIC_ENDORSERS", "RetailMSP,BrandsMSP"), ","),
		limit:     callLimit,
	}
}

// A contract is the chaincode as this organisation's client sees it.
type contract struct {
	*client.Contract
	endorsers []string
}

func connect(c config) (*contract, func(), error) {
	if c.peer == "" {
		return nil, nil, errors.New("FABRIC_PEER is not set; it names the own organisation's peer, host:port")
	}
	id, err := identity.Load(c.mspID, c.certificate, c.privateKey)
	if err != nil {
		return nil, nil, err
	}
	connection, err := identity.Dial(c.peer, c.tlsCA)
	if err != nil {
		return nil, nil, err
	}
	through, err := client.Connect(id.X509(), client.WithSign(id.Sign()), client.WithHash(hash.SHA256),
		client.WithClientConnection(connection))
	if err != nil {
		connection.Close()
		return nil, nil, fmt.Errorf("gateway of peer %s: %w", c.peer, err)
	}
	end := func() { through.Close(); connection.Close() }
	return &contract{through.GetNetwork(c.channel).GetContract(c.chaincode), c.endorsers}, end, nil
}

// show prints the rules as JSON.
func show(ctx context.Context, c *contract) error {
	encoded, err := c.EvaluateWithContext(ctx, "ReadProgramme")
	if err != nil {
		return fmt.Errorf("ReadProgramme: %w", err)
	}
	var programme ledger.ProgrammeAnswer
	if err := json.Unmarshal(encoded, &programme); err != nil {
		return fmt.Errorf("read the programme: %w", err)
	}
	return print(programme)
}

// change agrees or declines, and waits for the block. A transaction that another one overtook is not valid and changes
// nothing: whoever decides should look again.
func change(ctx context.Context, c *contract, function string, request ledger.AgreeRequest) error {
	argument, err := ledger.EncodeCall(request)
	if err != nil {
		return err
	}
	encoded, err := c.SubmitWithContext(ctx, function, client.WithArguments(argument),
		client.WithEndorsingOrganizations(c.endorsers...))
	if err != nil {
		return fmt.Errorf("%s: %w", function, err)
	}
	var answer ledger.ProposalAnswer
	if err := json.Unmarshal(encoded, &answer); err != nil {
		return fmt.Errorf("answer of %s: %w", function, err)
	}
	return print(answer)
}

func print(value any) error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
