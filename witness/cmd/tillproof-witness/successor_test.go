package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/contract"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/anchor/succession"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/witness/store"
)

// asProgram makes the test's own executable run as tillproof-witness.
const asProgram = "TILLPROOF_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// logOf makes a witness's folder with a log of so many entries, and gives its root.
func logOf(t *testing.T, dir string, size int64) tlog.Hash {
	t.Helper()
	files, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	leaves := make([]tlog.Hash, size)
	for i := range leaves {
		leaves[i] = tlog.RecordHash([]byte{byte(i)})
	}
	appender, err := tiles.NewAppender(0, files.Tiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Append(appender.Append(leaves), store.State{Next: 1, Size: size}); err != nil {
		t.Fatal(err)
	}
	root, err := files.Root(size)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// deploy makes a contract on the chain.
func deploy(t *testing.T, geth *chaintest.Chain, retail, brands, predecessor common.Address) common.Address {
	t.Helper()
	code := append(common.FromHex(contract.LogAnchorMetaData.Bin), contract.NewLogAnchor().PackConstructor(retail, brands, predecessor)...)
	return geth.Send(t, nil, code, nil).ContractAddress
}

// runAgree runs the program.
func runAgree(t *testing.T, env []string, proposal any, arguments ...string) (agreed succession.Proposal, problems string, code int) {
	t.Helper()
	file, err := json.Marshal(proposal)
	if err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	program := exec.CommandContext(t.Context(), os.Args[0], append([]string{"agree-successor"}, arguments...)...)
	program.Env, program.Stdin, program.Stdout, program.Stderr = env, bytes.NewReader(file), &out, &complaints
	err = program.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code = program.ProcessState.ExitCode(); code == 0 {
		if err := json.Unmarshal(out.Bytes(), &agreed); err != nil {
			t.Fatalf("%v: %s", err, &out)
		}
	} else if out.Len() > 0 {
		t.Errorf("although it fails, it prints %s", &out)
	}
	return agreed, complaints.String(), code
}

// The other organisation signs for a successor by its own log, its own node and the accounts that it names, and for no other.
func TestAgreeSuccessor(t *testing.T) {
	t.Parallel()
	geth := chaintest.Geth(t)
	keystore, password := chaintest.Keystore(t)
	brands, err := key.OpenKeystore(keystore, password)
	if err != nil {
		t.Fatal(err)
	}
	dir, retail := t.TempDir(), chaintest.Retail.Address()
	root := logOf(t, dir, 5)
	at := deploy(t, geth, retail, brands.Address(), common.Address{})
	anchorLog(t, geth, at, brands, 5, root)
	nextRetail, nextBrands := chaintest.Stranger.Address(), chaintest.Brands.Address()
	proposal := propose(t, at, deploy(t, geth, nextRetail, nextBrands, at), 5, root)
	env := append(os.Environ(), asProgram+"=1", "WITNESS_DIR="+dir, "ANCHOR_KEYSTORE="+keystore, "ANCHOR_PASSWORD_FILE="+password,
		"RETAIL_ADDRESS="+retail.Hex(), "ETHEREUM_URL="+geth.URL)

	agreed, problems, code := runAgree(t, env, proposal, at.Hex(), nextRetail.Hex(), nextBrands.Hex())
	if code != 0 || agreed.ByBrands == nil {
		t.Fatalf("ends with %d: %s", code, problems)
	}
	if err := agreed.ByBrands.Verify(successionOf(proposal), brands.Address()); err != nil {
		t.Error(err)
	}

	ahead, other := proposal, proposal
	ahead.Size++
	other.Root[0]++
	for name, test := range map[string]struct {
		proposal  any
		arguments []string
		want      string
	}{
		"other accounts than were named": {proposal, []string{at.Hex(), nextBrands.Hex(), nextRetail.Hex()}, succession.ErrOtherSigners.Error()},
		"another contract":               {proposal, []string{proposal.Successor.Hex(), nextRetail.Hex(), nextBrands.Hex()}, "not our contract"},
		"a log that is ahead of ours":    {ahead, []string{at.Hex(), nextRetail.Hex(), nextBrands.Hex()}, "try again later"},
		"another log":                    {other, []string{at.Hex(), nextRetail.Hex(), nextBrands.Hex()}, "another log"},
		"another file":                   {map[string]int{"block": 1}, []string{at.Hex(), nextRetail.Hex(), nextBrands.Hex()}, "standard input"},
		"a mistyped account":             {proposal, []string{at.Hex(), "0x12", nextBrands.Hex()}, "0x12"},
		"an account too few":             {proposal, []string{at.Hex(), nextRetail.Hex()}, "agree-successor CONTRACT RETAIL BRANDS"},
	} {
		if _, problems, code := runAgree(t, env, test.proposal, test.arguments...); code != 1 || !strings.Contains(problems, test.want) {
			t.Errorf("%s: ends with %d: %s", name, code, problems)
		}
	}
}

func place(contract common.Address) statement.Place {
	return statement.Place{ChainID: chaintest.ChainID, Contract: contract, Epoch: 1}
}

// anchorLog brings the log to the contract, as the anchor service does.
func anchorLog(t *testing.T, geth *chaintest.Chain, at common.Address, brands *key.Keystore, size uint64, root tlog.Hash) {
	t.Helper()
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := statement.Checkpoint{Place: place(at), Previous: statement.State{Root: common.Hash(empty)}, Next: statement.State{Size: size, Root: common.Hash(root)}}
	compact := func(by *key.Keystore) contract.Signature {
		signature, err := by.SignStatement(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		r, vs := signature.Compact()
		return contract.Signature{R: r, Vs: vs}
	}
	data := contract.NewLogAnchor().PackAnchor(0, c.Previous.Root, size, c.Next.Root, compact(chaintest.Retail), compact(brands))
	if receipt := geth.Send(t, &at, data, nil); receipt.Status != 1 {
		t.Fatal("the contract refuses")
	}
}

// propose is the retailer's part.
func propose(t *testing.T, at, successor common.Address, size uint64, root tlog.Hash) succession.Proposal {
	t.Helper()
	p := succession.Proposal{ChainID: chaintest.ChainID, Contract: at, Epoch: 1, Size: size, Root: common.Hash(root), Successor: successor,
		Retail: chaintest.Stranger.Address(), Brands: chaintest.Brands.Address()}
	var err error
	if p.ByRetail, err = chaintest.Retail.SignStatement(t.Context(), successionOf(p)); err != nil {
		t.Fatal(err)
	}
	return p
}

func successionOf(p succession.Proposal) statement.Succession {
	return statement.Succession{Place: place(p.Contract), At: statement.State{Size: p.Size, Root: p.Root}, Successor: p.Successor}
}
