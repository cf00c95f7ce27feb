package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/succession"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// asProgram makes the test's own executable run as tillproof-anchor.
const asProgram = "TILLPROOF_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// An operator is who has the program, its environment, and a contract that it made.
type operator struct {
	t        *testing.T
	database string
	env      []string
	on       *chain.Chain
	signers  chain.Signers
	at       *chain.Contract
}

func newOperator(t *testing.T) *operator {
	t.Helper()
	geth, db := chaintest.Geth(t), hotstatetest.New(t)
	keystore, password := chaintest.Keystore(t)
	retail, err := key.OpenKeystore(keystore, password)
	if err != nil {
		t.Fatal(err)
	}
	to := retail.Address()
	geth.Send(t, &to, nil, chaintest.Ether)
	o := &operator{t: t, database: db.URL, signers: chain.Signers{Retail: retail.Address(), Brands: chaintest.Brands.Address()}}
	o.env = append(os.Environ(), asProgram+"=1", "DATABASE_URL="+db.URL, "LOG_KEY_FILE=none", "ETHEREUM_URL="+geth.URL,
		"BRANDS_ADDRESS="+o.signers.Brands.Hex(), "RETAIL_KEYSTORE="+keystore, "RETAIL_PASSWORD_FILE="+password, "POLL_INTERVAL=50ms")
	if o.on, err = chain.Open(t.Context(), geth.Node, db.As(t, "tillproof_anchor"), chaintest.ChainID); err != nil {
		t.Fatal(err)
	}
	account := &chain.Account{Chain: o.on, Signer: retail, Ceiling: big.NewInt(100e9), ReplaceAfter: time.Minute, Now: time.Now}
	if err := account.Deploy(t.Context(), o.signers); err != nil {
		t.Fatal(err)
	}
	o.at = o.remembered(o.signers)
	return o
}

// remembered waits for the contract that the database says the log is at.
func (o *operator) remembered(signers chain.Signers) *chain.Contract {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	for {
		found, _, err := o.on.Remembered(ctx, signers)
		if err == nil {
			return found
		}
		select {
		case <-ctx.Done():
			o.t.Fatal(err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// run gives what the program says, and its exit code.
func (o *operator) run(stdin io.Reader, arguments ...string) (stdout, stderr string, code int) {
	o.t.Helper()
	var out, problems bytes.Buffer
	program := exec.CommandContext(o.t.Context(), os.Args[0], arguments...)
	program.Env, program.Stdin, program.Stdout, program.Stderr = o.env, stdin, &out, &problems
	err := program.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		o.t.Fatal(err)
	}
	return out.String(), problems.String(), program.ProcessState.ExitCode()
}

// What an operator does to move the log, as docs/anchoring.md says it.
func TestTheCommandsMoveTheLog(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	next := chain.Signers{Retail: chaintest.Retail.Address(), Brands: chaintest.Stranger.Address()}
	text, problems, code := o.run(nil, "propose-successor", next.Retail.Hex(), next.Brands.Hex())
	var proposal succession.Proposal
	if err := json.Unmarshal([]byte(text), &proposal); code != 0 || err != nil || proposal.Contract != o.at.Place.Contract || proposal.ByBrands != nil {
		t.Fatalf("propose-successor ends with %d, %v: %s%s", code, err, text, problems)
	}
	if again, _, _ := o.run(nil, "propose-successor", next.Retail.Hex(), next.Brands.Hex()); again != text {
		t.Errorf("proposed again, another contract was made: %s after %s", again, text)
	}
	if _, problems, code := o.run(strings.NewReader(text), "move-log"); code != 1 || !strings.Contains(problems, succession.ErrNotAgreed.Error()) {
		t.Errorf("signed by one, move-log ends with %d: %s", code, problems)
	}
	agreed, err := proposal.Agree(t.Context(), o.at, o.signers, next, chaintest.Brands)
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(agreed)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing is left to do
		said, problems, code := o.run(bytes.NewReader(file), "move-log")
		if code != 0 || !strings.Contains(said, proposal.Successor.Hex()) || !strings.Contains(said, next.Brands.Hex()) {
			t.Fatalf("move-log ends with %d: %s%s", code, said, problems)
		}
	}
	if successor, err := o.at.Successor(t.Context()); err != nil || successor != proposal.Successor {
		t.Errorf("the log goes on at %s, %v", successor, err)
	}
	if at := o.remembered(next); at.Place.Contract != proposal.Successor || at.Epoch != 2 {
		t.Errorf("the service would go on at %+v", at.Place)
	}
}

// What is mistyped, or comes at the wrong time, moves nothing and says why.
func TestTheCommandsRefuse(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	retail, brands := chaintest.Retail.Address().Hex(), chaintest.Stranger.Address().Hex()
	for name, test := range map[string]struct {
		arguments []string
		stdin     string
		code      int
		want      string
	}{
		"no accounts":       {[]string{"propose-successor"}, "", 2, "usage"},
		"a short account":   {[]string{"propose-successor", "0x12", brands}, "", 1, "0x12"},
		"the same twice":    {[]string{"propose-successor", brands, brands}, "", 1, "two different accounts"},
		"no file":           {[]string{"move-log"}, "", 1, "standard input"},
		"another file":      {[]string{"move-log"}, `{"block":1}`, 1, "standard input"},
		"a contract of air": {[]string{"move-log"}, `{"contract":"` + common.Address{1}.Hex() + `"}`, 1, chain.ErrNoContract.Error()},
	} {
		said, problems, code := o.run(strings.NewReader(test.stdin), test.arguments...)
		if code != test.code || !strings.Contains(problems, test.want) || said != "" {
			t.Errorf("%s: ends with %d, %q: %s", name, code, said, problems)
		}
	}
	service := &anchoring.DatabaseLock{URL: o.database}
	if err := service.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer service.Release(t.Context())
	for _, arguments := range [][]string{{"propose-successor", retail, brands}, {"move-log"}} {
		if _, problems, code := o.run(strings.NewReader("{}"), arguments...); code != 1 || !strings.Contains(problems, "stop it until the log has moved") {
			t.Errorf("%s while the service is at work ends with %d: %s", arguments[0], code, problems)
		}
	}
	if successor, err := o.at.Successor(t.Context()); err != nil || successor != (common.Address{}) {
		t.Errorf("the log has moved to %s, %v", successor, err)
	}
}
