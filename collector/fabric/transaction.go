package fabric

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/tillproof/tillproof/domain/ledger"
)

// An Endorsed transaction carries the signatures of both organisations and ours. Its bytes can be kept, and submitted
// any number of times: the ledger takes it once.
type Endorsed struct {
	TransactionID string
	Answer        []byte // the chaincode's
	Envelope      []byte
}

// A Commit says what became of a transaction.
type Commit struct {
	Valid bool
	Code  string // Fabric's validation code
	Block uint64
}

// ErrPermanent marks a refusal that the same request would meet again.
var ErrPermanent = errors.New("refused by the chaincode")

// Endorse has a batch judged and signed by both organisations. The organisations are always named: where private data
// are concerned, the gateway's own plan would leave some out.
func (c *Client) Endorse(ctx context.Context, batch []byte) (Endorsed, error) {
	contract, gateway, at := c.contract()
	proposal, err := contract.NewProposal("RecordTickets",
		client.WithTransient(map[string][]byte{ledger.TransientBatch: batch}),
		client.WithEndorsingOrganizations(c.config.Endorsers...))
	if err != nil {
		return Endorsed{}, fmt.Errorf("propose a batch: %w", err)
	}
	transaction, err := proposal.EndorseWithContext(ctx)
	if err != nil {
		c.failed(at, err)
		return Endorsed{}, endorseError(err)
	}
	envelope, err := c.signed(gateway, transaction)
	if err != nil {
		return Endorsed{}, fmt.Errorf("sign a batch: %w", err)
	}
	return Endorsed{TransactionID: transaction.TransactionID(), Answer: transaction.Result(), Envelope: envelope}, nil
}

// signed gives the transaction's bytes with our signature on the envelope.
func (c *Client) signed(gateway *client.Gateway, transaction *client.Transaction) ([]byte, error) {
	unsigned, err := transaction.Bytes()
	if err != nil {
		return nil, err
	}
	signature, err := c.sign(transaction.Digest())
	if err != nil {
		return nil, err
	}
	whole, err := gateway.NewSignedTransaction(unsigned, signature)
	if err != nil {
		return nil, err
	}
	return whole.Bytes()
}

// Details gives what each peer had to say of a failed call, beyond the gateway's own words.
func Details(err error) string {
	var words []string
	for _, detail := range status.Convert(err).Details() {
		if from, ok := detail.(*gatewaypb.ErrorDetail); ok {
			words = append(words, from.GetMspId()+": "+from.GetMessage())
		}
	}
	return strings.Join(words, "; ")
}

func endorseError(err error) error {
	details := Details(err)
	// What a peer's chaincode says comes back as Aborted, with a detail from each peer. Peers at different heights
	// give different results, which is no refusal.
	if status.Code(err) == codes.Aborted && strings.Contains(details, "chaincode response 500") {
		return fmt.Errorf("endorse a batch: %w: %s", ErrPermanent, details)
	}
	return fmt.Errorf("endorse a batch: %w: %s", err, details)
}

// Submit sends a signed envelope to the orderer and waits until the transaction is in a block. An error leaves open
// what became of it: submit the same envelope again.
func (c *Client) Submit(ctx context.Context, envelope []byte) (Commit, error) {
	gateway, at := c.gateway()
	transaction, err := gateway.NewTransaction(envelope)
	if err != nil {
		return Commit{}, fmt.Errorf("read a stored envelope: %w", err)
	}
	commit, err := transaction.SubmitWithContext(ctx)
	if err != nil {
		c.failed(at, err)
		return Commit{}, fmt.Errorf("submit %s: %w: %s", transaction.TransactionID(), err, Details(err))
	}
	result, err := commit.StatusWithContext(ctx)
	if err != nil {
		c.failed(at, err)
		return Commit{}, fmt.Errorf("wait for the commit of %s: %w", transaction.TransactionID(), err)
	}
	return Commit{Valid: result.Successful, Code: result.Code.String(), Block: result.BlockNumber}, nil
}
