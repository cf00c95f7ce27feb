package stack

import (
	"fmt"
	"strconv"
)

// Ports are given by the first of them.
type Ports int

// What listens where, counted from the first port.
const (
	collectorPort         = 0
	queryServerPort       = 1
	postgresPort          = 10
	ordererPort           = 11
	ordererAdminPort      = 12
	ordererOperationsPort = 13
	retailPeerPort        = 14
	retailOperationsPort  = 15
	brandsPeerPort        = 16
	brandsOperationsPort  = 17
	retailChaincodePort   = 18
	brandsChaincodePort   = 19
	ethereumPort          = 20
	ethereumEnginePort    = 22
	anchorPort            = 23
	witnessPort           = 24
	lastPort              = 39 // up to here, ports are kept for what comes
)

// A listener is a daemon's name, how people call it, and its ports.
type listener struct {
	daemon, known string
	ports         []int
}

var listeners = []listener{
	{"postgres", "PostgreSQL", []int{postgresPort}},
	{"orderer", "the orderer", []int{ordererPort, ordererAdminPort, ordererOperationsPort}},
	{"retail-peer", "the retail peer", []int{retailPeerPort, retailOperationsPort}},
	{"brands-peer", "the brands peer", []int{brandsPeerPort, brandsOperationsPort}},
	{"retail-chaincode", "the retail chaincode", []int{retailChaincodePort}},
	{"brands-chaincode", "the brands chaincode", []int{brandsChaincodePort}},
	{"query-server", "the query server", []int{queryServerPort}},
	{"collector", "the collector", []int{collectorPort}},
	{"witness", "the witness", []int{witnessPort}},
	{"ethereum", "Ethereum's node", []int{ethereumPort, ethereumEnginePort}},
	{"anchor", "the anchor service", []int{anchorPort}},
}

func (p Ports) number(offset int) int     { return int(p) + offset }
func (p Ports) address(offset int) string { return "127.0.0.1:" + strconv.Itoa(p.number(offset)) }

// CollectorURL is where tickets go.
func (p Ports) CollectorURL() string { return fmt.Sprintf("http://%s", p.address(collectorPort)) }

// QueryURL is where everybody looks.
func (p Ports) QueryURL() string { return fmt.Sprintf("http://%s", p.address(queryServerPort)) }

// WitnessURL is where the log is brought to be cosigned.
func (p Ports) WitnessURL() string { return fmt.Sprintf("http://%s", p.address(witnessPort)) }

// EthereumURL is the local node's JSON-RPC.
func (p Ports) EthereumURL() string { return fmt.Sprintf("http://%s", p.address(ethereumPort)) }
