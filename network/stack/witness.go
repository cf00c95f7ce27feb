package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tillproof/tillproof/network/daemon"
	"github.com/tillproof/tillproof/network/ledger"
	"github.com/tillproof/tillproof/network/material"
)

// The witness is the other organisation's: it has its own identity, peer, folder and key, and is given nothing but public
// keys and addresses. Each side must know the other's public key before it starts, so both are made beforehand.

// witnessKey makes the witness's key if there is none, and gives its public half.
func (s *stack) witnessKey(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, s.program("tillproof-witness"), "key")
	command.Env = []string{"PATH=" + s.Path, "WITNESS_DIR=" + s.in("witness")}
	key, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("make the witness's key: %w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("make the witness's key: %w", err)
	}
	return strings.TrimSpace(string(key)), nil
}

// logKey is the public key of the log's operator, which the collector makes when it starts.
func (s *stack) logKey() (string, error) {
	key, err := os.ReadFile(filepath.Join(s.keys(), "log", "operator.pub"))
	if err != nil {
		return "", fmt.Errorf("the log's public key: %w", err)
	}
	return strings.TrimSpace(string(key)), nil
}

// startWitness starts the witness behind the collector, whose log it follows.
func (s *stack) startWitness(ctx context.Context) error {
	logKey, err := s.logKey()
	if err != nil {
		return err
	}
	client := s.material().Client(material.Witness)
	return s.supervisor.Ensure(ctx, daemon.Spec{
		Name: "witness", Order: witnessOrder, Niceness: behindTills,
		Program: s.program("tillproof-witness"), Dir: s.Run,
		Env: []string{
			"PATH=" + s.Path,
			"LISTEN_ADDRESS=" + s.ports.address(witnessPort),
			"WITNESS_DIR=" + s.in("witness"),
			"LOG_KEY=" + logKey,
			"ANCHOR_KEYSTORE=" + s.brandsSigner().file,
			"ANCHOR_PASSWORD_FILE=" + s.brandsSigner().password,
			"RETAIL_ADDRESS=" + s.signers.retail,
			"FABRIC_CHANNEL=" + ledger.Channel,
			"FABRIC_CHAINCODE=" + ledger.Chaincode,
			"FABRIC_MSP_ID=" + material.Brands.MSPID,
			"FABRIC_CERTIFICATE=" + client.Certificate,
			"FABRIC_PRIVATE_KEY=" + client.Key,
			"FABRIC_PEER=" + s.ports.address(brandsPeerPort),
			"FABRIC_TLS_CA=" + s.material().TLSCA(material.Brands),
		},
		Ready: answers(s.ports.WitnessURL() + "/healthz"),
	})
}
