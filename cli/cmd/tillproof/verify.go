package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/tillproof/tillproof/domain/proof"
)

const verifyHelp = `Verify a proof bundle. No Tillproof server is asked, and nothing is taken on
trust from the bundle itself.

usage: tillproof verify BUNDLE --ethereum URL [OPTIONS]
       tillproof verify BUNDLE --offline [OPTIONS]      BUNDLE - is standard input

  --ethereum URL       the JSON-RPC of an Ethereum node that you rely on: contract
                       and block are held against it
  --offline            ask nobody: what the bundle carries, against the keys below,
                       and against a block that you know, if you give one
  --block HASH         with --offline: the anchor is in this block, which you know
                       to be on the chain
  --header FILE        the same by the block's header, RLP or its hex digits

Keys look like name+id+base64, accounts and contracts like 0x and 40 hex digits.
Have them from the organisations themselves, once, and not from whoever shows you
the bundle.

  --log-key KEY        the key of the log's operator, or the file it is in
                       (TILLPROOF_LOG_KEY)
  --witness-key KEY    the key of the witness, or the file it is in
                       (TILLPROOF_WITNESS_KEY)
  --chain-id NUMBER    the chain: 1 is the main network (TILLPROOF_ETHEREUM_CHAIN_ID)
  --contract ADDRESS   the contract (TILLPROOF_ETHEREUM_CONTRACT)
  --retail ADDRESS     the account by which the retailer signs
                       (TILLPROOF_RETAIL_SIGNER)
  --brands ADDRESS     the account by which the brands' organisation signs
                       (TILLPROOF_BRANDS_SIGNER)

  --final-blocks N     how many blocks must follow on the anchor's
                       (TILLPROOF_ETHEREUM_FINAL_BLOCKS; 64)
  --follow-successor   with --ethereum: the log may have moved to another contract,
                       which both organisations have signed for
  --without-witness    trust the operator alone, for a bundle that no witness
                       has signed
  --without-ethereum   do not look at the anchor, for the log's signatures alone
  --json               the outcome as JSON

Exit code 0: proven; 1: not proven, or it could not be checked; 2: wrong usage.
`

// verification is what one call of the command is asked to do.
type verification struct {
	ethereumURL string
	offline     bool
	block       string
	header      string
	pins        pins
	finalBlocks uint64
	successors  bool
	json        bool
}

func runVerify(ctx context.Context, program program, arguments []string) error {
	v, name, err := readVerification(program, arguments)
	if err != nil {
		return err
	}
	trust, err := v.trust()
	if err != nil {
		return err
	}
	encoded, err := readBundle(name, program.stdin)
	if err != nil {
		return err
	}
	verified, err := v.verify(ctx, encoded, trust)
	if v.json {
		return printReport(program.stdout, verified, err)
	}
	if err != nil {
		return fmt.Errorf("NOT PROVEN: %w", err)
	}
	return printVerified(program.stdout, verified)
}

func readVerification(program program, arguments []string) (v verification, name string, err error) {
	flags := newFlags("verify")
	flags.StringVar(&v.ethereumURL, "ethereum", "", "")
	flags.BoolVar(&v.offline, "offline", false, "")
	flags.StringVar(&v.block, "block", "", "")
	flags.StringVar(&v.header, "header", "", "")
	finalBlocks := flags.String("final-blocks", program.finalBlocks, "")
	flags.BoolVar(&v.successors, "follow-successor", false, "")
	flags.BoolVar(&v.json, "json", false, "")
	v.pins.flags(flags, program.configuration)
	operands, err := parse(flags, arguments, verifyHelp, program.stdout)
	if err != nil {
		return v, "", err
	}
	if v.finalBlocks, err = strconv.ParseUint(*finalBlocks, 10, 32); err != nil {
		return v, "", usagef("--final-blocks is %.40q: it must be a number", *finalBlocks)
	}
	switch {
	case len(operands) != 1:
		return v, "", usagef("want one BUNDLE, got %d", len(operands))
	case v.offline == (v.ethereumURL != ""):
		return v, "", usagef("say either --ethereum URL, to hold the bundle against a node, or --offline")
	case v.ethereumURL != "" && (v.block != "" || v.header != "" || v.pins.withoutEthereum):
		return v, "", usagef("--block, --header and --without-ethereum go with --offline")
	case v.block != "" && v.header != "":
		return v, "", usagef("want one of --block and --header")
	}
	return v, operands[0], nil
}

// errNotAnchored refuses a bundle that says itself that it is not anchored, where Ethereum was to be asked.
var errNotAnchored = errors.New("the bundle has no anchor on Ethereum: it was not anchored when it was made, or not yet for good; " +
	"ask for it again later, or verify the log's signatures alone with --offline")

func (v verification) verify(ctx context.Context, encoded []byte, trust proof.Trust) (*proof.Verified, error) {
	bundle, err := proof.Decode(encoded)
	if err != nil {
		return nil, err
	}
	if v.ethereumURL != "" {
		return v.online(ctx, bundle, trust)
	}
	if bundle.Anchor == nil && (v.block != "" || v.header != "") {
		return nil, errNotAnchored
	}
	verified, err := proof.Verify(bundle, trust)
	if errors.Is(err, proof.ErrUnchecked) {
		return nil, fmt.Errorf("%w: give %s, or say --without-ethereum", err, v.pins.missing())
	}
	return verified, err
}

func readBundle(name string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	encoded, err := io.ReadAll(io.LimitReader(from, proof.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return encoded, nil
}
