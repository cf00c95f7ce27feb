// Package contract is the chaincode of the channel: it records tickets and credits the points they earn. Both
// organisations run it, each in a process of its own, and a transaction counts only where both came to the same writes.
//
// What stands on the ledger is specified in package ledger of the domain; who may call what in access.go.
package contract

import (
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// Contract holds the functions that clients call. It keeps no state: all state is the ledger's.
type Contract struct {
	contractapi.Contract
}

// New gives the contract.
func New() *Contract {
	c := &Contract{}
	c.Name = "tickets"
	c.Info.Title = "Tillproof tickets"
	c.Info.Version = "1"
	c.Info.Description = "Records till tickets and the loyalty points they earn."
	return c
}

// GetEvaluateTransactions names the functions that only read.
func (c *Contract) GetEvaluateTransactions() []string {
	return []string{"ReadRecord", "ReadBody", "ReadAccount", "ReadHold", "ReadProgramme", "ReadTotals", "SumAccounts",
		"ListEntries", "CountRecords"}
}
