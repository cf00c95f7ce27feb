package main

import "cmp"

// configuration is what the environment says. Credentials come from nowhere
// else: a command line can be read by every user of a machine.
type configuration struct {
	collectorURL string // TILLPROOF_COLLECTOR_URL
	queryURL     string // TILLPROOF_QUERY_URL, where sessions are opened
	token        string // TILLPROOF_TOKEN: a till key or a JWT
	username     string // TILLPROOF_USERNAME
	password     string // TILLPROOF_PASSWORD
	logKey       string // TILLPROOF_LOG_KEY: of the log's operator, public
	witnessKey   string // TILLPROOF_WITNESS_KEY: of the witness, public
	chainID      string // TILLPROOF_ETHEREUM_CHAIN_ID: where the log is anchored
	contract     string // TILLPROOF_ETHEREUM_CONTRACT
	retail       string // TILLPROOF_RETAIL_SIGNER: the account by which the retailer signs
	brands       string // TILLPROOF_BRANDS_SIGNER: and the other organisation
	finalBlocks  string // TILLPROOF_ETHEREUM_FINAL_BLOCKS: how many blocks make one final there; 64
	databaseURL  string // DATABASE_URL: the hot state, for who runs it
	dumbTerminal bool   // TERM is "dumb": no line can be drawn over
}

func readConfiguration(getenv func(string) string) configuration {
	return configuration{
		collectorURL: cmp.Or(getenv("TILLPROOF_COLLECTOR_URL"), "http://127.0.0.1:8080"),
		queryURL:     cmp.Or(getenv("TILLPROOF_QUERY_URL"), "http://127.0.0.1:8081"),
		token:        getenv("TILLPROOF_TOKEN"),
		username:     getenv("TILLPROOF_USERNAME"),
		password:     getenv("TILLPROOF_PASSWORD"),
		logKey:       getenv("TILLPROOF_LOG_KEY"),
		witnessKey:   getenv("TILLPROOF_WITNESS_KEY"),
		chainID:      getenv("TILLPROOF_ETHEREUM_CHAIN_ID"),
		contract:     getenv("TILLPROOF_ETHEREUM_CONTRACT"),
		retail:       getenv("TILLPROOF_RETAIL_SIGNER"),
		brands:       getenv("TILLPROOF_BRANDS_SIGNER"),
		finalBlocks:  cmp.Or(getenv("TILLPROOF_ETHEREUM_FINAL_BLOCKS"), "64"),
		databaseURL:  getenv("DATABASE_URL"),
		dumbTerminal: getenv("TERM") == "dumb",
	}
}
