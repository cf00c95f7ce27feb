package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tillproof/tillproof/network/daemon"
)

// Ethereum is a local chain: geth in its development mode, which makes blocks by itself and an account that has money.
// Each organisation signs with a key of its own, which its own program makes and keeps.

// signers are the addresses by which the organisations sign for the contract.
type signers struct{ retail, brands string }

// A keystore is an account's encrypted key, with the file of its password.
type keystore struct{ file, password string }

func (s *stack) retailSigner() keystore { return keystoreIn(filepath.Join(s.keys(), "anchor")) }
func (s *stack) brandsSigner() keystore { return keystoreIn(filepath.Join(s.in("witness"), "anchor")) }

func keystoreIn(dir string) keystore {
	return keystore{filepath.Join(dir, "key.json"), filepath.Join(dir, "password")}
}

// blockSeconds is how often the local chain makes a block, and finalBlocks how many make one final there.
const (
	blockSeconds = 2
	finalBlocks  = 3
)

func (s *stack) startEthereum(ctx context.Context) error {
	if err := makeDirectory(s.in("ethereum")); err != nil {
		return err
	}
	err := s.supervisor.Ensure(ctx, daemon.Spec{
		Name: "ethereum", Order: ethereumOrder, Niceness: behindTills,
		Program: filepath.Join(s.ethereumPrograms(), "geth"), Dir: s.Run,
		Args: []string{"--dev", "--dev.period", strconv.Itoa(blockSeconds), "--datadir", s.in("ethereum"),
			// Otherwise geth keeps its newest state in memory, and begins anew when it is killed.
			"--gcmode", "archive", "--state.scheme", "hash",
			"--ipcdisable", "--nodiscover", "--maxpeers", "0", "--port", "0", "--verbosity", "2",
			"--authrpc.port", strconv.Itoa(s.ports.number(ethereumEnginePort)),
			"--http", "--http.addr", "127.0.0.1", "--http.port", strconv.Itoa(s.ports.number(ethereumPort)), "--http.api", "eth,net,web3"},
		Env: []string{"PATH=" + s.Path},
		Ready: func(ctx context.Context) error {
			var id string
			return s.ethereum(ctx, &id, "eth_chainId")
		},
	})
	if err != nil {
		return err
	}
	if s.signers.retail, err = s.ensureKeystore(ctx, s.retailSigner()); err != nil {
		return err
	}
	if s.signers.brands, err = s.ensureKeystore(ctx, s.brandsSigner()); err != nil {
		return err
	}
	return s.fund(ctx, s.signers.retail)
}

// ensureKeystore gives the account's address.
func (s *stack) ensureKeystore(ctx context.Context, k keystore) (string, error) {
	address, err := exec.CommandContext(ctx, s.program("tillproof-anchor"), "new-key", k.file, k.password).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("make an account for Ethereum: %w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("make an account for Ethereum: %w", err)
	}
	return strings.TrimSpace(string(address)), nil
}

// fund gives the account some of the development chain's money, if it has less than half of that.
func (s *stack) fund(ctx context.Context, account string) error {
	amount := new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil) // 100 ether, in wei
	var has string
	if err := s.ethereum(ctx, &has, "eth_getBalance", account, "latest"); err != nil {
		return err
	}
	balance, ok := new(big.Int).SetString(strings.TrimPrefix(has, "0x"), 16)
	if !ok {
		return fmt.Errorf("the local chain's balance of %s is %q, which is no number", account, has)
	}
	if balance.Cmp(new(big.Int).Rsh(amount, 1)) >= 0 {
		return nil
	}
	var accounts []string
	if err := s.ethereum(ctx, &accounts, "eth_accounts"); err != nil {
		return err
	}
	if len(accounts) == 0 {
		return errors.New("the local chain has no account with money: remove it with scripts/down --clean")
	}
	var transaction string
	return s.ethereum(ctx, &transaction, "eth_sendTransaction",
		map[string]string{"from": accounts[0], "to": account, "value": fmt.Sprintf("0x%x", amount)})
}

// ethereum asks the local node by JSON-RPC.
func (s *stack) ethereum(ctx context.Context, result any, method string, parameters ...any) error {
	if parameters == nil {
		parameters = []any{}
	}
	call, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.ports.EthereumURL(), bytes.NewReader(call))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer := struct {
		Result any
		Error  *struct{ Message string }
	}{Result: result}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return fmt.Errorf("ask Ethereum's node (%s): %w", method, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("ask Ethereum's node (%s): %s", method, answer.Error.Message)
	}
	return nil
}

// startAnchor starts the anchor service. It need not be ready: it waits by itself for what it needs, and holds nobody up.
func (s *stack) startAnchor(ctx context.Context) error {
	return s.supervisor.Ensure(ctx, daemon.Spec{
		Name: "anchor", Order: anchorOrder, Niceness: behindTills,
		Program: s.program("tillproof-anchor"), Dir: s.Run,
		Env:   s.anchorEnv(),
		Ready: answers(fmt.Sprintf("http://%s/healthz", s.ports.address(anchorPort))),
	})
}

func (s *stack) anchorEnv() []string {
	env := []string{
		"PATH=" + s.Path,
		"LISTEN_ADDRESS=" + s.ports.address(anchorPort),
		"DATABASE_URL=" + s.database.anchor,
		"QUERY_URL=" + s.ports.QueryURL(),
		"LOG_KEY_FILE=" + filepath.Join(s.keys(), "log", "operator.pub"),
		"WITNESS_URL=" + s.ports.WitnessURL(),
		"ETHEREUM_URL=" + s.ports.EthereumURL(),
		"DEPLOY=yes",
		"BRANDS_ADDRESS=" + s.signers.brands,
		"RETAIL_KEYSTORE=" + s.retailSigner().file,
		"RETAIL_PASSWORD_FILE=" + s.retailSigner().password,
		"ANCHOR_TICKETS=10000",
		"ANCHOR_INTERVAL=1m",
		"FINAL_BLOCKS=" + strconv.Itoa(finalBlocks),
		"POLL_INTERVAL=2s",
	}
	if s.AnchorBudget != "" {
		env = append(append(env, s.Rates...), "ANCHOR_BUDGET="+s.AnchorBudget)
	}
	return env
}
