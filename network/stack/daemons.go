package stack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/tillproof/tillproof/network/daemon"
	"github.com/tillproof/tillproof/network/ledger"
	"github.com/tillproof/tillproof/network/material"
)

// The order in which daemons start; they stop the other way round. The network
// takes three: orderer, peers, chaincode.
const (
	postgresOrder = iota + 1
	networkOrder
	_
	_
	queryServerOrder
	collectorOrder
	witnessOrder
	ethereumOrder
	anchorOrder
)

// behindTills is the niceness of what tills do not wait for. Where everything
// runs on one machine, a ticket's answer comes before its way to the ledger.
const behindTills = 19

func (s *stack) material() material.Directory { return material.Directory(s.in("crypto")) }

func (s *stack) startNetwork(ctx context.Context) error { return s.network().Start(ctx, s.supervisor) }

func (s *stack) network() *ledger.Network {
	return &ledger.Network{
		Directory: s.in("fabric"),
		Programs:  s.fabricPrograms(),
		Builder:   filepath.Join(s.Repository, "network", "builder"),
		Path:      s.Path,
		Material:  s.material(),
		Orderer: ledger.Addresses{
			Service:    s.ports.address(ordererPort),
			Admin:      s.ports.address(ordererAdminPort),
			Operations: s.ports.address(ordererOperationsPort),
		},
		Peers:       []ledger.Peer{s.retailPeer(), s.brandsPeer()},
		Order:       networkOrder,
		Niceness:    behindTills,
		Collections: s.Collections,
		Progress:    s.Progress,
	}
}

func (s *stack) retailPeer() ledger.Peer {
	return ledger.Peer{
		Organisation:     material.Retail,
		Address:          s.ports.address(retailPeerPort),
		Operations:       s.ports.address(retailOperationsPort),
		ChaincodeAddress: s.ports.address(retailChaincodePort),
		ChaincodeProgram: s.chaincodeProgram(material.Retail),
	}
}

func (s *stack) brandsPeer() ledger.Peer {
	return ledger.Peer{
		Organisation:     material.Brands,
		Address:          s.ports.address(brandsPeerPort),
		Operations:       s.ports.address(brandsOperationsPort),
		ChaincodeAddress: s.ports.address(brandsChaincodePort),
		ChaincodeProgram: s.chaincodeProgram(material.Brands),
	}
}

func (s *stack) chaincodeProgram(o material.Organisation) string {
	if program := s.ChaincodePrograms[o.MSPID]; program != "" {
		return program
	}
	return s.program("tillproof-chaincode")
}

// startServers starts ours: the query server, which signs tokens, the
// collector, which asks it for the keys to check them, and the witness.
func (s *stack) startServers(ctx context.Context) error {
	if err := makeDirectory(s.keys()); err != nil {
		return err
	}
	witnessKey, err := s.witnessKey(ctx)
	if err != nil {
		return err
	}
	if err := s.supervisor.Ensure(ctx, s.queryServer(), s.collector(witnessKey)); err != nil {
		return err
	}
	return s.startWitness(ctx)
}

func (s *stack) queryServer() daemon.Spec {
	return daemon.Spec{
		Name: "query-server", Order: queryServerOrder,
		Program: s.program("tillproof-query-server"), Dir: s.Run,
		Env: []string{
			"PATH=" + s.Path,
			"LISTEN_ADDRESS=" + s.ports.address(queryServerPort),
			"DATABASE_URL=" + s.database.query,
			"KEYS_DIR=" + s.keys(),
			"VERIFIER_DIR=" + s.verifierDir(),
			"COLLECTOR_URL=" + s.ports.CollectorURL(),
			"ISSUER=tillproof",
			// Memory for processor time: of a large answer little is kept, and a
			// collection for every few megabytes of it takes an eighth longer.
			"GOGC=400", "GOMEMLIMIT=250MiB",
		},
		Ready: answers(s.ports.QueryURL() + "/readyz"),
	}
}

func (s *stack) collector(witnessKey string) daemon.Spec {
	client := s.material().Client(material.Collector)
	return daemon.Spec{
		Name: "collector", Order: collectorOrder,
		Program: s.program("tillproof-collector"), Dir: s.Run,
		Env: append([]string{
			"PATH=" + s.Path,
			"LISTEN_ADDRESS=" + s.ports.address(collectorPort),
			"DATABASE_URL=" + s.database.collector,
			"KEYS_DIR=" + s.keys(),
			"JWKS_URL=" + s.ports.QueryURL() + "/.well-known/jwks.json",
			"WITNESS_URL=" + s.ports.WitnessURL(),
			"WITNESS_KEY=" + witnessKey,
			"FABRIC_CHANNEL=" + ledger.Channel,
			"FABRIC_CHAINCODE=" + ledger.Chaincode,
			"FABRIC_MSP_ID=" + material.Retail.MSPID,
			"FABRIC_CERTIFICATE=" + client.Certificate,
			"FABRIC_PRIVATE_KEY=" + client.Key,
			"FABRIC_PEERS=" + s.ports.address(retailPeerPort),
			"FABRIC_TLS_CA=" + s.material().TLSCA(material.Retail),
			// Memory for processor time: the collector needs some 150 MB, and
			// collects garbage half as often with twice as much.
			"GOGC=200", "GOMEMLIMIT=250MiB",
			"FABRIC_ENDORSERS=" + material.Retail.MSPID + "," + material.Brands.MSPID,
		}, s.Rates...),
		Ready: answers(s.ports.CollectorURL() + "/readyz"),
	}
}

// answers is ready once a GET is answered with 200; until then the answer says
// what is missing.
func answers(url string) func(context.Context) error {
	client := http.Client{Timeout: 5 * time.Second}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s says %s: %s", url, response.Status, body)
		}
		return nil
	}
}
