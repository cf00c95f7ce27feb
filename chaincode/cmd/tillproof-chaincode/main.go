// tillproof-chaincode serves the contract to one organisation's peer ("chaincode as a service"), over mutual TLS.
package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/chaincode/contract"
)

// Config is read from the environment, once.
type Config struct {
	ListenAddress  string // LISTEN_ADDRESS, host:port
	ChaincodeID    string // CHAINCODE_ID, the package id that the peer installed
	TLSCertificate string // TLS_CERTIFICATE, PEM file
	TLSPrivateKey  string // TLS_PRIVATE_KEY, PEM file
	TLSClientCA    string // TLS_CLIENT_CA, PEM file: only a peer with a certificate of this CA may connect
}

func readConfig() (Config, error) {
	var config Config
	for name, into := range map[string]*string{
		"LISTEN_ADDRESS":  &config.ListenAddress,
		"CHAINCODE_ID":    &config.ChaincodeID,
		"TLS_CERTIFICATE": &config.TLSCertificate,
		"TLS_PRIVATE_KEY": &config.TLSPrivateKey,
		"TLS_CLIENT_CA":   &config.TLSClientCA,
	} {
		if *into = os.Getenv(name); *into == "" {
			return config, fmt.Errorf("environment variable %s is not set", name)
		}
	}
	return config, nil
}

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	if err := run(); err != nil {
		slog.Error("chaincode stopped", "error", err)
		os.Exit(1)
	}
}

func run() error {
	config, err := readConfig()
	if err != nil {
		return err
	}
	tls, err := readTLS(config)
	if err != nil {
		return err
	}
	chaincode, err := contractapi.NewChaincode(contract.New())
	if err != nil {
		return fmt.Errorf("build the chaincode: %w", err)
	}
	server := &shim.ChaincodeServer{CCID: config.ChaincodeID, Address: config.ListenAddress, CC: chaincode, TLSProps: tls}
	slog.Info("serving chaincode", "address", config.ListenAddress, "id", config.ChaincodeID)
	return server.Start()
}

func readTLS(config Config) (shim.TLSProperties, error) {
	var properties shim.TLSProperties
	for file, into := range map[string]*[]byte{
		config.TLSPrivateKey:  &properties.Key,
		config.TLSCertificate: &properties.Cert,
		config.TLSClientCA:    &properties.ClientCACerts,
	} {
		content, err := os.ReadFile(file)
		if err != nil {
			return properties, fmt.Errorf("read TLS material: %w", err)
		}
		*into = content
	}
	return properties, nil
}
