package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tillproof/tillproof/network/durable"
)

// Who verifies must know beforehand: the keys of the log, and on Ethereum the chain, the contract and both accounts. For a
// system of one's own it is said in the env file, for tillproof verify, and beside the verifier for browsers.

func (s *stack) verifierDir() string { return s.in("verifier") }

// writePins comes last, since the contract is made by a service that nobody waits for. Is it not there, for instance while
// Ethereum is down, the pins are left out until the next time.
func (s *stack) writePins(ctx context.Context) error {
	pins := map[string]string{"operator": s.env.Get("TILLPROOF_LOG_KEY"), "witness": s.env.Get("TILLPROOF_WITNESS_KEY")}
	command := exec.CommandContext(ctx, s.program("tillproof-anchor"), "contract")
	command.Env = s.anchorEnv()
	output, err := command.Output()
	if chainID, contract, found := strings.Cut(strings.TrimSpace(string(output)), " "); err == nil && found {
		pins["chainId"], pins["contract"] = chainID, contract
		pins["retail"], pins["brands"] = s.signers.retail, s.signers.brands
		s.env.Set("TILLPROOF_ETHEREUM_CHAIN_ID", chainID)
		s.env.Set("TILLPROOF_ETHEREUM_CONTRACT", contract)
		s.env.Set("TILLPROOF_ETHEREUM_FINAL_BLOCKS", strconv.Itoa(finalBlocks))
	} else {
		s.Progress("the contract on Ethereum is not there yet: run scripts/up again to have it said in " + s.envFile())
	}
	if err := s.env.Write(s.envFile()); err != nil {
		return fmt.Errorf("write %s: %w", s.envFile(), err)
	}
	encoded, err := json.MarshalIndent(pins, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(s.verifierDir(), "pins.json"), encoded); err != nil {
		return fmt.Errorf("write what to verify by: %w", err)
	}
	return nil
}
