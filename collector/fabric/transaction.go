package fabric

import (
	"context"
	"encoding/base64"
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

// Endorse has a batch of tickets judged and signed by both organisations.
func (c *Client) Endorse(ctx context.Context, batch []byte) (Endorsed, error) {
	return c.EndorseBatch(ctx, "RecordTickets", batch)
}

// EndorseSettlement has undoes judged that waited for their originals.
func (c *Client) EndorseSettlement(ctx context.Context, batch []byte) (Endorsed, error) {
	return c.EndorseBatch(ctx, "SettleUndoes", batch)
}

// ReadBody gives the sealed body of a recorded ticket.
func (c *Client) ReadBody(ctx context.Context, key ledger.TicketKey) ([]byte, error) {
	text, err := c.Evaluate(ctx, "ReadBody", key.String())
	if err != nil {
		return nil, err
	}
	body, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, fmt.Errorf("sealed body of ticket %s: %w", key, err)
	}
	return body, nil
}

// EndorseBatch has a function called whose one argument is a transient batch.
func (c *Client) EndorseBatch(ctx context.Context, function string, batch []byte) (Endorsed, error) {
	return c.endorse(ctx, function, client.WithTransient(map[string][]byte{ledger.TransientBatch: batch}))
}

// EndorseCall has a function called with one argument, and the outcome signed by both organisations.
func (c *Client) EndorseCall(ctx context.Context, function, argument string) (Endorsed, error) {
	return c.endorse(ctx, function, client.WithArguments(argument))
}

// EndorseRewrite has the person parts of some slots of a chunk emptied. Which slots stands in no block.
func (c *Client) EndorseRewrite(ctx context.Context, request string, slots []byte) (Endorsed, error) {
	return c.endorse(ctx, "RewriteChunk", client.WithArguments(request),
		client.WithTransient(map[string][]byte{ledger.TransientSlots: slots}))
}

// endorse always names the organisations: where private data are concerned, the gateway's own plan would leave some out.
func (c *Client) endorse(ctx context.Context, function string, input ...client.ProposalOption) (Endorsed, error) {
	contract, gateway, at := c.contract()
	proposal, err := contract.NewProposal(function, append(input, client.WithEndorsingOrganizations(c.config.Endorsers...))...)
	if err != nil {
		return Endorsed{}, fmt.Errorf("propose %s: %w", function, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.limits.endorse)
	defer cancel()
	transaction, err := proposal.EndorseWithContext(ctx)
	if err != nil {
		c.failed(at, err)
		return Endorsed{}, endorseError(function, err)
	}
	envelope, err := c.signed(gateway, transaction)
	if err != nil {
		return Endorsed{}, fmt.Errorf("sign %s: %w", function, err)
	}
	return Endorsed{TransactionID: transaction.TransactionID(), Answer: transaction.Result(), Envelope: envelope}, nil
}

// Evaluate asks our own organisation's peer, and writes nothing.
func (c *Client) Evaluate(ctx context.Context, function string, arguments ...string) ([]byte, error) {
	contract, _, at := c.contract()
	ctx, cancel := context.WithTimeout(ctx, c.limits.evaluate)
	defer cancel()
	answer, err := contract.EvaluateWithContext(ctx, function, client.WithArguments(arguments...),
		client.WithEndorsingOrganizations(c.config.MSPID))
	if err != nil {
		c.failed(at, err)
		return nil, fmt.Errorf("ask %s: %w: %s", function, err, Details(err))
	}
	return answer, nil
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

func endorseError(function string, err error) error {
	details := Details(err)
	// What a peer's chaincode says comes back as Aborted, with a detail from each peer. Peers at different heights
	// give different results, which is no refusal.
	if status.Code(err) == codes.Aborted && strings.Contains(details, "chaincode response 500") {
		return fmt.Errorf("endorse %s: %w: %s", function, ErrPermanent, details)
	}
	return fmt.Errorf("endorse %s: %w: %s", function, err, details)
}

// Submit sends a signed envelope to the orderer and waits until the transaction is in a block. An error leaves open
// what became of it: submit the same envelope again.
func (c *Client) Submit(ctx context.Context, envelope []byte) (Commit, error) {
	gateway, at := c.gateway()
	transaction, err := gateway.NewTransaction(envelope)
	if err != nil {
		return Commit{}, fmt.Errorf("read a stored envelope: %w", err)
	}
	commit, err := c.send(ctx, transaction)
	if err != nil {
		c.failed(at, err)
		return Commit{}, fmt.Errorf("submit %s: %w: %s", transaction.TransactionID(), err, Details(err))
	}
	// An orderer that dies may have taken the envelope and lost it: then its block never comes.
	ctx, cancel := context.WithTimeout(ctx, c.limits.commit)
	defer cancel()
	result, err := commit.StatusWithContext(ctx)
	if err != nil {
		c.failed(at, err)
		return Commit{}, fmt.Errorf("wait for the commit of %s: %w", transaction.TransactionID(), err)
	}
	return Commit{Valid: result.Successful, Code: result.Code.String(), Block: result.BlockNumber}, nil
}

func (c *Client) send(ctx context.Context, transaction *client.Transaction) (*client.Commit, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.submit)
	defer cancel()
	return transaction.SubmitWithContext(ctx)
}
