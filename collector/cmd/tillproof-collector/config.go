package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/ingest"
)

// config is all that the environment says. What a command needs of it, the command requires.
type config struct {
	ListenAddress string // LISTEN_ADDRESS: host:port of the API; 127.0.0.1:8080
	DatabaseURL   string // DATABASE_URL: as tillproof_collector; for migrate and create-user as the owner
	KeysDir       string // KEYS_DIR: the retailer's secret keys; .run/keys
	JWKSURL       string // JWKS_URL: the query server's public keys; http://127.0.0.1:8081/.well-known/jwks.json

	BacklogLimit int64 // BACKLOG_LIMIT: accepted tickets that may wait for the ledger; 0: any number; 200000

	LogOrigin string // LOG_ORIGIN: name of the log in its checkpoints; tillproof/ and the channel

	WitnessURL string // WITNESS_URL: who cosigns the log; empty: nobody
	WitnessKey string // WITNESS_KEY: its public key

	RatesURL    string // RATES_URL: a feed of exchange rates, for a programme with a currency; empty: none
	RatesFormat string // RATES_FORMAT: of the feed: ecb or coingecko; ecb
	RatesFixed  string // RATES_FIXED: rates for when the feed has none, with the day they were set: EUR/USD=1.0823@2026-11-01, …

	Fabric fabric.Config // FABRIC_*: where the ledger is and who we are there

	CollectorPassword string // COLLECTOR_DB_PASSWORD: migrate gives it to tillproof_collector
	QueryPassword     string // QUERY_DB_PASSWORD: migrate gives it to tillproof_query
	AnchorPassword    string // ANCHOR_DB_PASSWORD: migrate gives it to tillproof_anchor; "": no such service
	UserPassword      string // PASSWORD: of the user that create-user creates
}

func readConfig(getenv func(string) string) (config, error) {
	value := func(name, otherwise string) string {
		if set := getenv(name); set != "" {
			return set
		}
		return otherwise
	}
	backlog, err := strconv.ParseInt(value("BACKLOG_LIMIT", strconv.Itoa(ingest.DefaultBacklog)), 10, 64)
	if err != nil || backlog < 0 {
		return config{}, fmt.Errorf("BACKLOG_LIMIT is %q: it must be a number of tickets, or 0 for any number", getenv("BACKLOG_LIMIT"))
	}
	return config{
		ListenAddress: value("LISTEN_ADDRESS", "127.0.0.1:8080"),
		DatabaseURL:   value("DATABASE_URL", ""),
		KeysDir:       value("KEYS_DIR", ".run/keys"),
		JWKSURL:       value("JWKS_URL", "http://127.0.0.1:8081/.well-known/jwks.json"),
		BacklogLimit:  backlog,
		LogOrigin:     value("LOG_ORIGIN", "tillproof/"+value("FABRIC_CHANNEL", "tickets")),
		WitnessURL:    value("WITNESS_URL", ""),
		WitnessKey:    value("WITNESS_KEY", ""),
		RatesURL:      value("RATES_URL", ""),
		RatesFormat:   value("RATES_FORMAT", "ecb"),
		RatesFixed:    value("RATES_FIXED", ""),
		Fabric: fabric.Config{
			Channel:     value("FABRIC_CHANNEL", "tickets"),
			Chaincode:   value("FABRIC_CHAINCODE", "tickets"),
			MSPID:       value("FABRIC_MSP_ID", "RetailMSP"),
			Certificate: value("FABRIC_CERTIFICATE", ""),
			PrivateKey:  value("FABRIC_PRIVATE_KEY", ""),
			Peers:       splitList(value("FABRIC_PEERS", "")),
			TLSCA:       value("FABRIC_TLS_CA", ""),
			Endorsers:   splitList(value("FABRIC_ENDORSERS", "RetailMSP,BrandsMSP")),
		},
		CollectorPassword: value("COLLECTOR_DB_PASSWORD", ""),
		QueryPassword:     value("QUERY_DB_PASSWORD", ""),
		AnchorPassword:    value("ANCHOR_DB_PASSWORD", ""),
		UserPassword:      value("PASSWORD", ""),
	}, nil
}

func splitList(text string) (items []string) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// setting is a value that a command cannot do without.
type setting struct{ name, value string }

func require(settings ...setting) error {
	var missing []error
	for _, s := range settings {
		if s.value == "" {
			missing = append(missing, fmt.Errorf("environment variable %s is not set", s.name))
		}
	}
	return errors.Join(missing...)
}
