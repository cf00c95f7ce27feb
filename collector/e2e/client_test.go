package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/identity"
	"github.com/tillproof/tillproof/network/material"
)

// A channel is the running network, as one client sees it through one peer.
type channel struct {
	*client.Contract
	keys      string        // the collector's folder of keys
	conflicts *atomic.Int64 // transactions that another one overtook
}

// both are the organisations that must endorse.
var both = []string{"RetailMSP", "BrandsMSP"}

// connect opens the channel as a client, through an organisation's peer; it skips where no network is named.
func connect(t *testing.T, as material.Client, through material.Organisation) channel {
	t.Helper()
	file := os.Getenv("TILLPROOF_E2E_ENV")
	if file == "" {
		t.Skip("TILLPROOF_E2E_ENV is not set: scripts/test brings a network up and sets it")
	}
	return connectTo(t, readEnv(t, file), as, through)
}

// connectTo opens the channel of the network with that environment.
func connectTo(t *testing.T, env map[string]string, as material.Client, through material.Organisation) channel {
	t.Helper()
	dir := material.Directory(env["TILLPROOF_CRYPTO_DIR"])
	pair := dir.Client(as)
	id, err := identity.Load(as.Organisation.MSPID, pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := identity.Dial(env["TILLPROOF_"+strings.ToUpper(through.Name)+"_PEER"], dir.TLSCA(through))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeConnection(t, connection) })
	gateway, err := client.Connect(id.X509(), client.WithSign(id.Sign()), client.WithHash(hash.SHA256), client.WithClientConnection(connection))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gateway.Close() })
	return channel{Contract: gateway.GetNetwork("tickets").GetContract("tickets"), keys: env["TILLPROOF_KEYS_DIR"], conflicts: new(atomic.Int64)}
}

func closeConnection(t *testing.T, connection *grpc.ClientConn) {
	if err := connection.Close(); err != nil {
		t.Error(err)
	}
}

func readEnv(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	env := make(map[string]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, found := strings.Cut(lines.Text(), "="); found {
			env[key] = value
		}
	}
	return env
}

// outcome is what a submitted transaction came to.
type outcome struct {
	id     string
	answer []byte
	code   peer.TxValidationCode
}

// submit has a call endorsed by the organisations named, submits it and waits for the block.
func (c channel) submit(ctx context.Context, endorsers []string, function, argument string, transient map[string][]byte) (outcome, error) {
	options := []client.ProposalOption{client.WithEndorsingOrganizations(endorsers...), client.WithTransient(transient)}
	if argument != "" {
		options = append(options, client.WithArguments(argument))
	}
	proposal, err := c.NewProposal(function, options...)
	if err != nil {
		return outcome{}, err
	}
	transaction, err := proposal.EndorseWithContext(ctx)
	if err != nil {
		return outcome{}, errors.New(err.Error() + ": " + fabric.Details(err))
	}
	commit, err := transaction.SubmitWithContext(ctx)
	if err != nil {
		return outcome{}, err
	}
	status, err := commit.StatusWithContext(ctx)
	if err != nil {
		return outcome{}, err
	}
	return outcome{commit.TransactionID(), transaction.Result(), status.Code}, nil
}

// until submits again and again what another transaction overtook, or what the peers, being at different heights, saw
// differently. It is bounded: who needs fifty attempts is starved.
func (c channel) until(ctx context.Context, function, argument string, transient map[string][]byte) ([]byte, error) {
	var last error
	for range 50 {
		result, err := c.submit(ctx, both, function, argument, transient)
		if err == nil && result.code == peer.TxValidationCode_VALID {
			return result.answer, nil
		}
		if last = err; err == nil {
			last = errors.New(result.code.String())
			c.conflicts.Add(1)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil, last
}

// call submits a request and reads its answer.
func call[A any](ctx context.Context, c channel, function string, request any) (answer A, err error) {
	argument, err := ledger.EncodeCall(request)
	if err != nil {
		return answer, err
	}
	text, err := c.until(ctx, function, argument, nil)
	if err != nil {
		return answer, err
	}
	return answer, json.Unmarshal(text, &answer)
}

// evaluate asks the peer and reads its answer.
func evaluate[A any](t *testing.T, c channel, function string, arguments ...string) (answer A) {
	t.Helper()
	text, err := c.EvaluateTransaction(function, arguments...)
	if err != nil {
		t.Fatalf("%s: %v: %s", function, err, fabric.Details(err))
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", function, err)
	}
	return answer
}
