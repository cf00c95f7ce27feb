package contract

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// RecordTickets records a batch of tickets in one atomic transaction: for each one a public record, the points it earns,
// and its sealed body in a chunk of the private collection. The batch is the transient field "batch" (package ledger).
//
// The answer (ledger.Answer) says what became of each ticket. A ticket that stands on the ledger with the same commitment
// is "already recorded" and changes nothing, so the same batch may be submitted any number of times; one whose till
// number stands there with another commitment is a conflict for that ticket alone. A ticket whose points do not open its
// commitment is refused alone. A batch that cannot be read fails as a whole.
func (c *Contract) RecordTickets(ctx contractapi.TransactionContextInterface) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "RecordTickets"); err != nil {
		return "", err
	}
	batch, err := readBatch(stub)
	if err != nil {
		return "", fmt.Errorf("RecordTickets: %w", err)
	}
	state, err := readState(stub, batch)
	if err != nil {
		return "", fmt.Errorf("RecordTickets: %w", err)
	}
	outcome, err := judge(batch, state)
	if err != nil {
		return "", fmt.Errorf("RecordTickets: %w", err)
	}
	if err := write(stub, outcome.writes); err != nil {
		return "", fmt.Errorf("RecordTickets: %w", err)
	}
	return outcome.answer.Encode()
}

func readBatch(stub shim.ChaincodeStubInterface) ([]ledger.Submission, error) {
	transient, err := stub.GetTransient()
	if err != nil {
		return nil, fmt.Errorf("read the transient data: %w", err)
	}
	encoded, found := transient[ledger.TransientBatch]
	if !found {
		return nil, errors.New(`the transient field "batch" is missing`)
	}
	return ledger.DecodeBatch(encoded)
}

// state is what the ledger holds of a batch before it.
type state struct {
	transaction ledger.TransactionID
	programme   points.Programme
	records     [][]byte // one a ticket, nil: not recorded
	entries     [][]byte // likewise its points entry; nil without member
}

// readState reads everything at once. The programme is read by key, so that a change of it invalidates the batches in
// flight; an entry is read because a credit must never replace another one.
func readState(stub shim.ChaincodeStubInterface, batch []ledger.Submission) (state, error) {
	transaction, err := ledger.ParseTransactionID(stub.GetTxID())
	if err != nil {
		return state{}, err
	}
	keys := make([]string, 1, 1+2*len(batch))
	keys[0] = ledger.ProgrammeKey
	for i := range batch {
		keys = append(keys, ledger.RecordKey(batch[i].Key))
	}
	for i := range batch {
		if opening := batch[i].Points; opening != nil {
			// The sign, and with it the prefix, follows the amount: read where the entry would be written.
			keys = append(keys, ledger.EntryKey(opening.Account, opening.EntryID, opening.Eligible))
		}
	}
	values, err := stub.GetMultipleStates(keys...)
	if err != nil {
		return state{}, fmt.Errorf("read %d keys: %w", len(keys), err)
	}
	programme, err := ledger.DecodeProgramme(values[0])
	if err != nil {
		return state{}, err
	}
	s := state{transaction: transaction, programme: programme, records: values[1 : 1+len(batch)], entries: make([][]byte, len(batch))}
	entries := values[1+len(batch):]
	for i := range batch {
		if batch[i].Points != nil {
			s.entries[i], entries = entries[0], entries[1:]
		}
	}
	return s, nil
}

func write(stub shim.ChaincodeStubInterface, w writes) error {
	stub.StartWriteBatch()
	for _, public := range w.public {
		if err := stub.PutState(public.key, public.value); err != nil {
			return fmt.Errorf("write %s: %w", public.key, err)
		}
	}
	for _, private := range w.private {
		if err := stub.PutPrivateData(ledger.Bodies, private.key, private.value); err != nil {
			return fmt.Errorf("write %s: %w", private.key, err)
		}
	}
	if err := stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("write the batch: %w", err)
	}
	return nil
}
