package ledger

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// peerCommand runs Fabric's peer program as the administrator of the peer's
// organisation, and returns what it prints.
func (n *Network) peerCommand(ctx context.Context, p Peer, args ...string) ([]byte, error) {
	env := append(n.environment(n.peerDir(p)),
		"FABRIC_LOGGING_SPEC=error",
		"CORE_PEER_MSPCONFIGPATH="+n.Material.AdminMSP(p.Organisation))
	return n.run(ctx, env, "peer", args...)
}

// run bounds every command: each does one small thing, or waits for one.
func (n *Network) run(ctx context.Context, env []string, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, n.program(program), args...)
	command.Env = env
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", program, strings.Join(words(args), " "), err, lastLine(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// words are the arguments up to the first flag: enough to name the command.
func words(args []string) []string {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			return args[:i]
		}
	}
	return args
}

// lastLine is where Fabric's programs say what went wrong.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return lines[len(lines)-1]
}

// eventually repeats a step that fails while the nodes still find each other.
// The step must look at what is there before it acts: it may be repeated after
// it was done but reported as failed.
func eventually(ctx context.Context, within time.Duration, step func() error) error {
	deadline := time.Now().Add(within)
	for {
		err := step()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
