package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/tillproof/tillproof/network/durable"
	"github.com/tillproof/tillproof/network/material"
)

// joinWithin bounds the wait for the orderer to lead the channel.
const joinWithin = time.Minute

func (n *Network) ensureGenesisBlock(ctx context.Context) error {
	_, err := os.Stat(n.genesisBlock())
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := n.genesisBlock() + ".new"
	_, err = n.run(ctx, n.environment(n.Directory), "configtxgen",
		"-profile", "Tickets", "-channelID", Channel, "-outputBlock", unfinished)
	if err != nil {
		return err
	}
	return durable.Move(unfinished, n.genesisBlock())
}

// joinOrderer returns once the orderer serves the channel.
func (n *Network) joinOrderer(ctx context.Context) error {
	return eventually(ctx, joinWithin, func() error {
		status, body, err := n.osnadmin(ctx, "list", "--channelID", Channel)
		if err != nil {
			return err
		}
		switch status {
		case "200":
			_, err := active(body)
			return err
		case "404":
		default:
			return fmt.Errorf("osnadmin channel list: status %s: %s", status, body)
		}
		n.Progress("creating the channel")
		status, body, err = n.osnadmin(ctx, "join", "--channelID", Channel, "--config-block", n.genesisBlock())
		if err != nil {
			return err
		}
		if status != "201" {
			return fmt.Errorf("osnadmin channel join: status %s: %s", status, body)
		}
		return errors.New("the orderer has only just joined") // look again
	})
}

// active returns the channel's height at the orderer, if it serves it.
func active(body []byte) (height int, err error) {
	var channel struct {
		Status string
		Height int
	}
	if err := json.Unmarshal(body, &channel); err != nil {
		return 0, fmt.Errorf("read osnadmin's answer: %w", err)
	}
	if channel.Status != "active" {
		return 0, fmt.Errorf("the orderer's channel is %q, not active", channel.Status)
	}
	return channel.Height, nil
}

// osnadmin prints a line "Status: CODE" and then the answer's JSON; where it
// could not ask it prints "Error: ..." instead.
func (n *Network) osnadmin(ctx context.Context, command string, args ...string) (status string, body []byte, err error) {
	admin := n.Material.AdminTLS(material.Orderer)
	args = append([]string{"channel", command,
		"-o", n.Orderer.Admin, "--ca-file", n.Material.TLSCA(material.Orderer),
		"--client-cert", admin.Certificate, "--client-key", admin.Key,
	}, args...)
	output, err := n.run(ctx, n.environment(n.Directory), "osnadmin", args...)
	if err != nil {
		return "", nil, err
	}
	first, rest, _ := bytes.Cut(output, []byte("\n"))
	status, ok := strings.CutPrefix(string(first), "Status: ")
	if !ok {
		return "", nil, fmt.Errorf("osnadmin channel %s: %s", command, bytes.TrimSpace(output))
	}
	return status, rest, nil
}

func (n *Network) joinPeer(ctx context.Context, p Peer) error {
	return eventually(ctx, joinWithin, func() error {
		joined, err := n.peerCommand(ctx, p, "channel", "list")
		if err != nil {
			return err
		}
		for _, line := range strings.Split(string(joined), "\n") {
			if strings.TrimSpace(line) == Channel {
				return nil
			}
		}
		n.Progress("joining the " + p.Name + " peer to the channel")
		_, err = n.peerCommand(ctx, p, "channel", "join", "-b", n.genesisBlock())
		return err
	})
}
