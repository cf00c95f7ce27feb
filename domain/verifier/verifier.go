// Package verifier is the verification of a bundle with JSON on both sides, for who cannot call Go: the browser, where it
// runs as WebAssembly. What is trusted comes as
//
//	{"operator": key, "witness": key, "chainId": "1", "contract": "0x…", "retail": "0x…", "brands": "0x…", "block": "0x…"}
//
// of which only operator must be there; empty is the same as missing. Without a witness's key the bundle must bear none of
// its signatures; without chain, contract and accounts it must have no anchor, unless "withoutEthereum" is true. The answer
// is a proof.Report.
package verifier

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/domain/proof"
)

type pins struct {
	Operator        string `json:"operator"`
	Witness         string `json:"witness"`
	ChainID         string `json:"chainId"`
	Contract        string `json:"contract"`
	Retail          string `json:"retail"`
	Brands          string `json:"brands"`
	Block           string `json:"block"`
	WithoutEthereum bool   `json:"withoutEthereum"`
}

// Verify gives the report on a bundle, as JSON.
func Verify(bundle, trusted []byte) ([]byte, error) {
	report, err := verify(bundle, trusted)
	if err != nil {
		report = proof.NotProven(err)
	}
	return json.Marshal(report)
}

func verify(bundle, trusted []byte) (proof.Report, error) {
	var p pins
	if err := json.Unmarshal(trusted, &p, json.RejectUnknownMembers(true)); err != nil {
		return proof.Report{}, fmt.Errorf("read what is trusted: %w", err)
	}
	trust, err := p.trust()
	if err != nil {
		return proof.Report{}, err
	}
	decoded, err := proof.Decode(bundle)
	if err != nil {
		return proof.Report{}, err
	}
	verified, err := proof.Verify(decoded, trust)
	if err != nil {
		return proof.Report{}, err
	}
	return verified.Report(), nil
}

func (p pins) trust() (trust proof.Trust, err error) {
	if trust.Operator, err = key("the log operator's key", p.Operator, checkpoint.Operator); err != nil {
		return trust, err
	}
	if p.Witness != "" {
		if trust.Witness, err = key("the witness's key", p.Witness, checkpoint.Witness); err != nil {
			return trust, err
		}
	}
	trust.WithoutEthereum = p.WithoutEthereum
	if p.ChainID == "" && p.Contract == "" && p.Retail == "" && p.Brands == "" {
		return trust, nil
	}
	trust.Ethereum, err = p.ethereum()
	return trust, err
}

func key(what, text string, algorithm checkpoint.Algorithm) (checkpoint.Key, error) {
	if text == "" {
		return checkpoint.Key{}, fmt.Errorf("%s is not given", what)
	}
	k, err := checkpoint.ParseKey(text)
	if err == nil && k.Algorithm() != algorithm {
		err = errors.New("it is a key of the other kind: operator's and witness's are not interchangeable")
	}
	if err != nil {
		return k, fmt.Errorf("%s: %w", what, err)
	}
	return k, nil
}

func (p pins) ethereum() (*anchor.Trust, error) {
	id, err := strconv.ParseUint(p.ChainID, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the chain's id is %.40q: it must be a number, such as 1 for the main network", p.ChainID)
	}
	trust := &anchor.Trust{ChainID: id}
	for _, pin := range []struct {
		what, text string
		into       *ethereum.Address
	}{{"contract", p.Contract, &trust.Contract}, {"retailer's account", p.Retail, &trust.Retail}, {"brands' account", p.Brands, &trust.Brands}} {
		if *pin.into, err = ethereum.ParseAddress(pin.text); err != nil {
			return nil, fmt.Errorf("%s: %w", pin.what, err)
		}
	}
	if p.Block != "" {
		if trust.Block, err = ethereum.ParseHash(p.Block); err != nil {
			return nil, fmt.Errorf("block: %w", err)
		}
	}
	return trust, nil
}
