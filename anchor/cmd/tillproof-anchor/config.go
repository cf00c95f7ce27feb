package main

import (
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/domain/money"
	"github.com/tillproof/tillproof/rates"
)

// config is all that can be set, by environment variables of these names. Secrets are in the files that it names.
type config struct {
	ListenAddress string   // LISTEN_ADDRESS: /healthz, /readyz, /metrics; 127.0.0.1:8103
	DatabaseURL   string   // DATABASE_URL: logs in as tillproof_anchor
	QueryURL      *url.URL // QUERY_URL: where the log is; http://127.0.0.1:8081
	LogKeyFile    string   // LOG_KEY_FILE: the public key of the log's operator, as C2SP signed-note writes it
	WitnessURL    *url.URL // WITNESS_URL: who gives the second signature

	EthereumURL  *url.URL       // ETHEREUM_URL: a node's JSON-RPC; http://127.0.0.1:8545
	ChainID      uint64         // CHAIN_ID: the chain that it must be on; 0: any
	Contract     common.Address // CONTRACT_ADDRESS: the contract; "": the one that was made here
	FromBlock    uint64         // CONTRACT_BLOCK: the contract was not there before
	Deploy       bool           // DEPLOY=yes: make a contract on a chain that has none
	BrandsSigner common.Address // BRANDS_ADDRESS: the account of the second signature

	Retail account // RETAIL_…: who signs for the first organisation
	Payer  account // PAYER_…: whose money pays for transactions; the first organisation's signer if it is not set

	Tickets      uint64        // ANCHOR_TICKETS: anchor when so many are new; 10000
	Interval     time.Duration // ANCHOR_INTERVAL: or any is new after so long; 1h
	FinalBlocks  uint64        // FINAL_BLOCKS: blocks on top of one that counts as final; 64
	MaxFee       *big.Int      // MAX_FEE_GWEI: offered per gas at most, in billionths of an ether; 50
	Budget       *money.Amount // ANCHOR_BUDGET: that anchors may cost on a day (UTC), such as "5.00 EUR"; "": any amount
	Rates        rates.Config  // RATES_URL, RATES_FORMAT (coingecko), RATES_FIXED: what one ETH is worth in its currency
	ReplaceAfter time.Duration // REPLACE_AFTER: a transaction not taken by then is sent again for more; 3m
	Pause        time.Duration // POLL_INTERVAL: between two looks at the chain; 12s, one block
}

// An account is a keystore file with the file of its password, or an address that an external program signs for.
type account struct {
	Keystore     string         // …_KEYSTORE
	PasswordFile string         // …_PASSWORD_FILE
	SignerURL    string         // …_SIGNER_URL: clef's JSON-RPC
	Address      common.Address // …_ADDRESS: with …_SIGNER_URL
}

// A reader collects what is wrong, so that all of it is told at once.
type reader struct {
	getenv func(string) string
	wrong  []error
}

func readConfig(getenv func(string) string) (config, error) {
	r := &reader{getenv: getenv}
	c := config{
		ListenAddress: r.text("LISTEN_ADDRESS", "127.0.0.1:8103"),
		DatabaseURL:   r.needed("DATABASE_URL"),
		QueryURL:      r.url("QUERY_URL", "http://127.0.0.1:8081"),
		LogKeyFile:    r.needed("LOG_KEY_FILE"),
		WitnessURL:    r.url("WITNESS_URL", "http://127.0.0.1:8104"),
		EthereumURL:   r.url("ETHEREUM_URL", "http://127.0.0.1:8545"),
		ChainID:       r.number("CHAIN_ID", 0),
		Contract:      r.address("CONTRACT_ADDRESS", false),
		FromBlock:     r.number("CONTRACT_BLOCK", 0),
		Deploy:        r.text("DEPLOY", "no") == "yes",
		BrandsSigner:  r.address("BRANDS_ADDRESS", true),
		Retail:        r.account("RETAIL"),
		Tickets:       r.number("ANCHOR_TICKETS", 10_000),
		Interval:      r.duration("ANCHOR_INTERVAL", time.Hour),
		FinalBlocks:   r.number("FINAL_BLOCKS", 64),
		MaxFee:        r.gwei("MAX_FEE_GWEI", "50"),
		ReplaceAfter:  r.duration("REPLACE_AFTER", 3*time.Minute),
		Pause:         r.duration("POLL_INTERVAL", 12*time.Second),
	}
	if amount := r.getenv("ANCHOR_BUDGET"); amount != "" {
		c.Budget, c.Rates = r.budget(amount), r.rates()
	}
	c.Payer = c.Retail
	if r.getenv("PAYER_KEYSTORE") != "" || r.getenv("PAYER_SIGNER_URL") != "" {
		c.Payer = r.account("PAYER")
	}
	return c, errors.Join(r.wrong...)
}

func (r *reader) complain(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf(format, args...))
}

func (r *reader) text(name, otherwise string) string {
	if value := r.getenv(name); value != "" {
		return value
	}
	return otherwise
}

func (r *reader) needed(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.complain("environment variable %s is not set", name)
	}
	return value
}

func (r *reader) url(name, otherwise string) *url.URL {
	u, err := url.Parse(r.text(name, otherwise))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		r.complain("%s must be a URL like %s", name, otherwise) // without its value, which may hold a key
		return nil
	}
	return u
}

func (r *reader) number(name string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(r.text(name, strconv.FormatUint(otherwise, 10)), 10, 63)
	if err != nil {
		r.complain("%s is %q: it must be a whole number", name, r.getenv(name))
	}
	return n
}

func (r *reader) duration(name string, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(r.text(name, otherwise.String()))
	if err != nil || d <= 0 {
		r.complain("%s is %q: it must be a duration, such as 90s or 1h", name, r.getenv(name))
	}
	return d
}

func (r *reader) gwei(name, otherwise string) *big.Int {
	amount, ok := new(big.Rat).SetString(r.text(name, otherwise))
	if !ok || amount.Sign() <= 0 {
		r.complain("%s is %q: it must be an amount, such as 50 or 0.5", name, r.getenv(name))
		return nil
	}
	wei := amount.Mul(amount, big.NewRat(1e9, 1))
	return new(big.Int).Quo(wei.Num(), wei.Denom())
}

func (r *reader) budget(text string) *money.Amount {
	amount, err := money.ParseAmount(text)
	if err != nil {
		r.complain("ANCHOR_BUDGET: %w", err)
	} else if amount.Minor == 0 {
		r.complain("ANCHOR_BUDGET is %q: nothing could be anchored; stop the service instead", text)
	}
	return &amount
}

func (r *reader) rates() (c rates.Config) {
	c.URL = r.getenv("RATES_URL")
	var err error
	if c.Format, err = rates.FormatNamed(r.text("RATES_FORMAT", "coingecko")); err != nil {
		r.complain("RATES_FORMAT: %w", err)
	}
	if c.Fixed, err = rates.ParseFixed(r.getenv("RATES_FIXED")); err != nil {
		r.complain("RATES_FIXED: %w", err)
	}
	if c.URL == "" && len(c.Fixed) == 0 {
		r.complain("ANCHOR_BUDGET needs to know what one ETH is worth: set RATES_URL, RATES_FIXED, or both")
	}
	return c
}

func (r *reader) address(name string, needed bool) common.Address {
	value := r.getenv(name)
	if value == "" && !needed {
		return common.Address{}
	}
	address, err := common.NewMixedcaseAddressFromString(value)
	if err != nil {
		r.complain("%s is %q: it must be an Ethereum address, 0x and 40 hex digits", name, value)
		return common.Address{}
	}
	if value != strings.ToLower(value) && !address.ValidChecksum() {
		r.complain("%s is %q, which is mistyped: upper and lower case are its check digits (EIP-55)", name, value)
	}
	return address.Address()
}

func (r *reader) account(prefix string) account {
	if signer := r.getenv(prefix + "_SIGNER_URL"); signer != "" {
		return account{SignerURL: signer, Address: r.address(prefix+"_ADDRESS", true)}
	}
	return account{Keystore: r.needed(prefix + "_KEYSTORE"), PasswordFile: r.needed(prefix + "_PASSWORD_FILE")}
}
