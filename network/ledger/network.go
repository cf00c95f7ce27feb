// Package ledger runs the Fabric network: one Raft orderer, a peer for each of
// the two organisations, the channel "tickets" that joins them, and one
// chaincode process beside each peer. Every step looks at what is there before
// it acts, so that running it again repairs what an interruption left undone.
package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/tillproof/tillproof/network/daemon"
	"github.com/tillproof/tillproof/network/material"
)

// Names on the channel.
const (
	Channel   = "tickets"
	Chaincode = "tickets"
)

// Addresses are where the orderer listens: for peers and clients, for its
// administrator, and for health checks.
type Addresses struct{ Service, Admin, Operations string }

// A Peer is one organisation's peer and the chaincode process it calls.
type Peer struct {
	material.Organisation
	Address          string
	Operations       string
	ChaincodeAddress string
	ChaincodeProgram string
}

// A Network is configured by its fields alone.
type Network struct {
	Directory string // data and configuration, ours to write
	Programs  string // where Fabric's programs are
	Builder   string // the external builder, see network/builder
	Path      string // the PATH for daemons (the builder is shell scripts)
	Material  material.Directory
	Orderer   Addresses
	Peers     []Peer
	Order     int // of the first daemon's start, see daemon.Spec
	Niceness  int // of all daemons, likewise
	// Collections replaces collections.json, for trials of an upgrade; nil
	// stands for the file.
	Collections []byte
	Progress    func(message string)
}

// Start brings the network up, or back up, and the chaincode with it.
func (n *Network) Start(ctx context.Context, supervisor *daemon.Supervisor) error {
	if err := material.Ensure(ctx, n.Material, n.program("cryptogen")); err != nil {
		return err
	}
	if err := n.writeConfiguration(); err != nil {
		return fmt.Errorf("write Fabric's configuration: %w", err)
	}
	if err := n.ensureGenesisBlock(ctx); err != nil {
		return fmt.Errorf("make the channel's first block: %w", err)
	}
	if err := supervisor.Ensure(ctx, n.nodes()...); err != nil {
		return err
	}
	if err := n.joinOrderer(ctx); err != nil {
		return fmt.Errorf("join the orderer to channel %s: %w", Channel, err)
	}
	for _, peer := range n.Peers {
		if err := n.joinPeer(ctx, peer); err != nil {
			return fmt.Errorf("join the %s peer to channel %s: %w", peer.Name, Channel, err)
		}
	}
	if err := n.catchUp(ctx); err != nil {
		return err
	}
	return n.startChaincode(ctx, supervisor)
}

func (n *Network) startChaincode(ctx context.Context, supervisor *daemon.Supervisor) error {
	packages, err := n.packages()
	if err != nil {
		return fmt.Errorf("package the chaincode: %w", err)
	}
	var processes []daemon.Spec
	for i, peer := range n.Peers {
		processes = append(processes, n.chaincodeProcess(peer, packages[i]))
	}
	if err := supervisor.Ensure(ctx, processes...); err != nil {
		return err
	}
	return n.deploy(ctx, packages)
}

// nodes are the orderer and the peers; they wait for one another themselves.
func (n *Network) nodes() []daemon.Spec {
	specs := []daemon.Spec{{
		Name: "orderer", Order: n.Order, Niceness: n.Niceness,
		Program: n.program("orderer"), Dir: n.ordererDir(), Env: n.environment(n.ordererDir()),
		Inputs: []string{filepath.Join(n.ordererDir(), "orderer.yaml")},
		Ready:  healthy(n.Orderer.Operations),
	}}
	for _, peer := range n.Peers {
		dir := n.peerDir(peer)
		specs = append(specs, daemon.Spec{
			Name: peer.Name + "-peer", Order: n.Order + 1, Niceness: n.Niceness,
			Program: n.program("peer"), Args: []string{"node", "start"}, Dir: dir, Env: n.environment(dir),
			Inputs: []string{filepath.Join(dir, "core.yaml")},
			Ready:  healthy(peer.Operations),
			// After a crash a peer replays blocks before it answers.
			ReadyWithin: 3 * time.Minute,
		})
	}
	return specs
}

func (n *Network) chaincodeProcess(peer Peer, p chaincodePackage) daemon.Spec {
	tls := n.Material.ChaincodeServer(peer.Organisation)
	return daemon.Spec{
		Name: peer.Name + "-chaincode", Order: n.Order + 2, Niceness: n.Niceness,
		Program: peer.ChaincodeProgram, Dir: n.Directory,
		Env: []string{
			"PATH=" + n.Path,
			"LISTEN_ADDRESS=" + peer.ChaincodeAddress,
			"CHAINCODE_ID=" + p.id,
			"TLS_CERTIFICATE=" + tls.Certificate,
			"TLS_PRIVATE_KEY=" + tls.Key,
			"TLS_CLIENT_CA=" + n.Material.TLSCA(peer.Organisation),
		},
		Ready: listening(peer.ChaincodeAddress),
	}
}

func (n *Network) environment(configuration string) []string {
	return []string{
		"PATH=" + n.Path,
		"FABRIC_CFG_PATH=" + configuration,
		"FABRIC_LOGGING_SPEC=warn",
		"FABRIC_LOGGING_FORMAT=%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}",
	}
}

func (n *Network) program(name string) string { return filepath.Join(n.Programs, name) }

func (n *Network) ordererDir() string { return filepath.Join(n.Directory, "orderer") }

func (n *Network) peerDir(p Peer) string { return filepath.Join(n.Directory, p.Name) }

func (n *Network) genesisBlock() string { return filepath.Join(n.Directory, "genesis.block") }
