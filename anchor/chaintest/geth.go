package chaintest

import (
	"context"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/keystore"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/key"
)

// EnvironmentVariable names the geth to test with.
const EnvironmentVariable = "TILLPROOF_TEST_GETH"

// Geth starts a geth of its own for the test, which makes a block of each transaction at once, and makes Retail rich.
// Without the environment variable the test is skipped.
func Geth(t testing.TB) *Chain {
	t.Helper()
	program := os.Getenv(EnvironmentVariable)
	if program == "" {
		t.Skipf("%s is not set: scripts/test builds geth and sets it", EnvironmentVariable)
	}
	data := t.TempDir()
	address := &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", freePort(t))}
	g := &process{program: program, data: data, port: address.Port()}
	g.start(t)
	t.Cleanup(func() { g.end(t) })
	node, err := chain.Dial(t.Context(), address, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	c := &Chain{Node: node, URL: address.String(), mine: func() {}}
	c.restart = func(t testing.TB) { g.stop(); g.start(t); await(t, c) }
	await(t, c)
	to := Retail.Address()
	c.send(t, developer(t, data), &to, nil, new(big.Int).Mul(Ether, big.NewInt(1000)))
	return c
}

// A process is a running geth.
type process struct {
	program, data, port string
	command             *exec.Cmd
	log                 *os.File
}

func (p *process) start(t testing.TB) {
	t.Helper()
	var err error
	if p.log, err = os.OpenFile(filepath.Join(p.data, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	p.command = exec.Command(p.program, "--dev", "--datadir", p.data, "--ipcdisable", "--nodiscover", "--maxpeers", "0", "--port", "0",
		"--authrpc.port", fmt.Sprint(freePort(t)), "--http", "--http.addr", "127.0.0.1", "--http.port", p.port, "--http.api", "eth,net,web3")
	p.command.Stdout, p.command.Stderr = p.log, p.log
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
}

func (p *process) stop() {
	p.command.Process.Signal(os.Interrupt)
	p.command.Wait()
	p.log.Close()
}

func (p *process) end(t testing.TB) {
	p.stop()
	if t.Failed() {
		text, _ := os.ReadFile(p.log.Name())
		t.Logf("geth says:\n%s", text)
	}
}

func await(t testing.TB, c *Chain) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		_, err := c.Node.ChainID(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("geth does not answer: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// developer is the account that "geth --dev" makes, rich and without a password.
func developer(t testing.TB, data string) *key.Keystore {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "keystore", "UTC--*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("geth's keystore has %s, %v; want one file", strings.Join(files, ", "), err)
	}
	encrypted, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	opened, err := keystore.DecryptKey(encrypted, "")
	if err != nil {
		t.Fatal(err)
	}
	return key.Of(opened.PrivateKey)
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
