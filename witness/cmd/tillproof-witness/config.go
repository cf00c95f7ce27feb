package main

import (
	"errors"
	"fmt"

	"github.com/tillproof/tillproof/network/peerblocks"
)

// config is all that can be set, by environment variables of these names.
type config struct {
	listenAddress string            // LISTEN_ADDRESS
	dir           string            // WITNESS_DIR: the witness's own folder, with its key
	name          string            // WITNESS_NAME: how the witness signs
	logKey        string            // LOG_KEY: the operator's public key
	peer          peerblocks.Config // FABRIC_*: our own organisation's peer, and who we are there
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
	return errors.Join(missing...)
}
