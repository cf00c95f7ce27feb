package contract

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/ledger"
)

// RecordTickets records a batch of tickets in one atomic transaction: for each one a public record, the points it earns,
// takes back or is paid with, and its sealed body in a chunk of the private collection. The batch is the transient field
// "batch" (package ledger).
//
// The answer (ledger.Answer) says what became of each ticket. A ticket that stands on the ledger with the same commitment
// is "already recorded" and changes nothing, so the same batch may be submitted any number of times; one whose till
// number stands there with another commitment is a conflict for that ticket alone. A ticket whose points do not open its
// commitment is refused alone. A batch that cannot be read fails as a whole, and so does one without a conversion that the
// programme needs.
func (c *Contract) RecordTickets(ctx contractapi.TransactionContextInterface) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "RecordTickets"); err != nil {
		return "", err
	}
	return onBatch(stub, "RecordTickets", record)
}

// SettleUndoes takes back points for tickets that were recorded before what they undo: a return whose sale was not on the
// ledger yet. The batch names the tickets again, now with their originals, and needs no sealed bodies. What was taken back
// already is not taken again. In the answer a ticket is "recorded" if this transaction takes something back for it,
// "already" if there is nothing to take, or, by its flag, still waits.
func (c *Contract) SettleUndoes(ctx contractapi.TransactionContextInterface) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "SettleUndoes"); err != nil {
		return "", err
	}
	return onBatch(stub, "SettleUndoes", settle)
}

// onBatch has a batch judged and writes what comes of it.
func onBatch(stub shim.ChaincodeStubInterface, function string, judge func(*transaction, ledger.Batch) (ledger.Answer, error)) (string, error) {
	batch, err := readBatch(stub)
	if err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	t, err := begin(stub)
	if err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	answer, err := judge(t, batch)
	if err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	t.finish()
	if err := write(stub, t); err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	return answer.Encode()
}

func readBatch(stub shim.ChaincodeStubInterface) (ledger.Batch, error) {
	transient, err := stub.GetTransient()
	if err != nil {
		return ledger.Batch{}, fmt.Errorf("read the transient data: %w", err)
	}
	encoded, found := transient[ledger.TransientBatch]
	if !found {
		return ledger.Batch{}, errors.New(`the transient field "batch" is missing`)
	}
	return ledger.DecodeBatch(encoded)
}
