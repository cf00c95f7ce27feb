package main

import (
	"cmp"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/domain/proof"
)

// What is compiled in, for who builds a verifier of their own:
//
//	go build -ldflags "-X main.pinnedContract=0x… -X main.pinnedLogKey=…" ./cmd/tillproof
//
// The environment comes before it, and an option before both.
var pinnedLogKey, pinnedWitnessKey, pinnedChainID, pinnedContract, pinnedRetail, pinnedBrands string

// pins are what the verifier knows beforehand, as text.
type pins struct {
	logKey, witnessKey                string
	chainID, contract, retail, brands string
	withoutWitness, withoutEthereum   bool
}

func (p *pins) flags(flags *flag.FlagSet, c configuration) {
	flags.StringVar(&p.logKey, "log-key", cmp.Or(c.logKey, pinnedLogKey), "")
	flags.StringVar(&p.witnessKey, "witness-key", cmp.Or(c.witnessKey, pinnedWitnessKey), "")
	flags.StringVar(&p.chainID, "chain-id", cmp.Or(c.chainID, pinnedChainID), "")
	flags.StringVar(&p.contract, "contract", cmp.Or(c.contract, pinnedContract), "")
	flags.StringVar(&p.retail, "retail", cmp.Or(c.retail, pinnedRetail), "")
	flags.StringVar(&p.brands, "brands", cmp.Or(c.brands, pinnedBrands), "")
	flags.BoolVar(&p.withoutWitness, "without-witness", false, "")
	flags.BoolVar(&p.withoutEthereum, "without-ethereum", false, "")
}

// trust reads what is trusted.
func (v verification) trust() (proof.Trust, error) {
	trust, err := readTrust(v.pins.logKey, v.pins.witnessKey, v.pins.withoutWitness)
	if err != nil {
		return trust, err
	}
	trust.WithoutEthereum = v.pins.withoutEthereum
	switch missing := v.pins.missing(); {
	case missing == "":
		if trust.Ethereum, err = v.pins.ethereum(); err == nil {
			trust.Ethereum.Block, err = v.knownBlock()
		}
		return trust, err
	case v.ethereumURL != "" || v.block != "" || v.header != "":
		return trust, usagef("%s not given: without it any chain, any contract or anybody's signature would do", missing)
	}
	return trust, nil
}

// missing names what is not known of Ethereum.
func (p pins) missing() string {
	var names []string
	for _, pin := range [][2]string{{"--chain-id", p.chainID}, {"--contract", p.contract}, {"--retail", p.retail}, {"--brands", p.brands}} {
		if pin[1] == "" {
			names = append(names, pin[0])
		}
	}
	return strings.Join(names, ", ")
}

func (p pins) ethereum() (*anchor.Trust, error) {
	id, err := strconv.ParseUint(p.chainID, 10, 64)
	if err != nil || id == 0 {
		return nil, usagef("--chain-id is %.40q: it must be a number, such as 1 for the main network", p.chainID)
	}
	trust := &anchor.Trust{ChainID: id}
	for _, pin := range []struct {
		option, text string
		into         *ethereum.Address
	}{{"--contract", p.contract, &trust.Contract}, {"--retail", p.retail, &trust.Retail}, {"--brands", p.brands, &trust.Brands}} {
		if *pin.into, err = ethereum.ParseAddress(pin.text); err != nil {
			return nil, usagef("%s: %w", pin.option, err)
		}
	}
	return trust, nil
}

// knownBlock is the hash of the block that the user knows to be on the chain; zero: none is given.
func (v verification) knownBlock() (ethereum.Hash, error) {
	if v.block != "" {
		hash, err := ethereum.ParseHash(v.block)
		if err != nil {
			return hash, usagef("--block: %w", err)
		}
		return hash, nil
	}
	if v.header == "" {
		return ethereum.Hash{}, nil
	}
	encoded, err := os.ReadFile(v.header)
	if err != nil {
		return ethereum.Hash{}, fmt.Errorf("read --header: %w", err)
	}
	if digits, err := hex.DecodeString(strings.TrimPrefix(strings.TrimSpace(string(encoded)), "0x")); err == nil {
		encoded = digits
	}
	header, err := ethereum.DecodeHeader(encoded)
	if err != nil {
		return ethereum.Hash{}, usagef("--header: %w", err)
	}
	return header.Hash, nil
}

// readTrust reads the keys of the log that are trusted.
func readTrust(operator, witness string, alone bool) (trust proof.Trust, err error) {
	if operator == "" {
		return trust, usagef("no --log-key is given: without it anybody's log would do")
	}
	if trust.Operator, err = readKey("--log-key", operator, checkpoint.Operator); err != nil || alone {
		return trust, err
	}
	if witness == "" {
		return trust, usagef("no --witness-key is given; say --without-witness to trust the operator alone")
	}
	trust.Witness, err = readKey("--witness-key", witness, checkpoint.Witness)
	return trust, err
}

// readKey reads a key from its text, or from a file that holds it.
func readKey(option, given string, algorithm checkpoint.Algorithm) (checkpoint.Key, error) {
	key, err := checkpoint.ParseKey(given)
	if err != nil {
		text, fileErr := os.ReadFile(given)
		if fileErr != nil {
			return checkpoint.Key{}, usagef("%s %.80q is neither a key (%w) nor a file", option, given, err)
		}
		if key, err = checkpoint.ParseKey(string(text)); err != nil {
			return checkpoint.Key{}, usagef("%s %s: %w", option, given, err)
		}
	}
	if key.Algorithm() != algorithm {
		return checkpoint.Key{}, usagef("%s is given a key of the other kind: operator's and witness's are not interchangeable", option)
	}
	return key, nil
}
