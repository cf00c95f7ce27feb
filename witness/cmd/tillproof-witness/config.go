package main

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/network/peerblocks"
)

// config is all that can be set, by environment variables of these names.
type config struct {
	listenAddress string            // LISTEN_ADDRESS
	dir           string            // WITNESS_DIR: the witness's own folder, with its key
	name          string            // WITNESS_NAME: how the witness signs
	logKey        string            // LOG_KEY: the operator's public key
	peer          peerblocks.Config // FABRIC_*: our own organisation's peer, and who we are there

	anchorKeystore     string         // ANCHOR_KEYSTORE: the account that signs for Ethereum; "": nothing is signed for it
	anchorPasswordFile string         // ANCHOR_PASSWORD_FILE: of the keystore
	ethereumURL        string         // ETHEREUM_URL: our own node, for agree-successor
	retail             common.Address // RETAIL_ADDRESS: the account that the other organisation signs with
}

func readConfig(getenv func(string) string) config {
	value := func(name, otherwise string) string {
		if set := getenv(name); set != "" {
			return set
		}
		return otherwise
	}
	return config{
		listenAddress: value("LISTEN_ADDRESS", "127.0.0.1:8104"),
		dir:           value("WITNESS_DIR", ".run/witness"),
		name:          value("WITNESS_NAME", "tillproof/witness"),
		logKey:        value("LOG_KEY", ""),

		anchorKeystore:     value("ANCHOR_KEYSTORE", ""),
		anchorPasswordFile: value("ANCHOR_PASSWORD_FILE", ""),
		ethereumURL:        value("ETHEREUM_URL", ""),
		retail:             common.HexToAddress(value("RETAIL_ADDRESS", "")),
		peer: peerblocks.Config{
			Channel:     value("FABRIC_CHANNEL", "tickets"),
			Chaincode:   value("FABRIC_CHAINCODE", "tickets"),
			MSPID:       value("FABRIC_MSP_ID", "BrandsMSP"),
			Certificate: value("FABRIC_CERTIFICATE", ""),
			PrivateKey:  value("FABRIC_PRIVATE_KEY", ""),
			Peer:        value("FABRIC_PEER", ""),
			TLSCA:       value("FABRIC_TLS_CA", ""),
		},
	}
}

// check says which of the settings that serving needs are missing.
func (c config) check() error {
	var missing []error
	for _, s := range [][2]string{{"LOG_KEY", c.logKey}, {"FABRIC_CERTIFICATE", c.peer.Certificate},
		{"FABRIC_PRIVATE_KEY", c.peer.PrivateKey}, {"FABRIC_PEER", c.peer.Peer}, {"FABRIC_TLS_CA", c.peer.TLSCA}} {
		if s[1] == "" {
			missing = append(missing, fmt.Errorf("environment variable %s is not set", s[0]))
		}
	}
	if c.anchorKeystore != "" && c.retail == (common.Address{}) {
		missing = append(missing, errors.New("environment variable RETAIL_ADDRESS is not set: it is needed with ANCHOR_KEYSTORE"))
	}
	return errors.Join(missing...)
}
