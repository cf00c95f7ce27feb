package contract

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// RewriteChunk empties the person parts of some bodies in a chunk (ledger.RewriteRequest → ledger.FoldAnswer, which counts
// nothing): it writes the chunk anew under its next revision, and purges the one before from every peer, its history
// included. The trade parts stay as they are, to the byte, and with them every proof.
//
// Which slots is the transient field "slots". It needs the peer to have the chunk; one that is still catching up gives an
// error, and the call is to be made again.
func (c *Contract) RewriteChunk(ctx contractapi.TransactionContextInterface, request string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "RewriteChunk"); err != nil {
		return "", err
	}
	transient, err := stub.GetTransient()
	if err != nil {
		return "", fmt.Errorf("RewriteChunk: read the transient data: %w", err)
	}
	slots, found := transient[ledger.TransientSlots]
	if !found || len(slots) == 0 {
		return "", errors.New(`RewriteChunk: the transient field "slots" is missing or empty`)
	}
	return call(stub, "RewriteChunk", request, func(t *transaction, r ledger.RewriteRequest) (ledger.FoldAnswer, bool, error) {
		return rewrite(t, stub, r, slots)
	})
}

func rewrite(t *transaction, stub shim.ChaincodeStubInterface, r ledger.RewriteRequest, slots []byte) (answer ledger.FoldAnswer, changed bool, err error) {
	transaction, err := ledger.ParseTransactionID(r.TransactionID)
	if err != nil {
		return answer, false, err
	}
	chunk, key, err := readChunk(t, stub, transaction, r.Chunk)
	if err != nil {
		return answer, false, err
	}
	value, changed, err := withoutPersons(chunk, slots)
	answer.Status = ledger.StatusDone
	if err != nil || !changed {
		return answer, false, err
	}
	revision, err := t.revision(transaction, r.Chunk)
	if err != nil {
		return answer, false, err
	}
	t.put(ledger.RevisionKey(r.TransactionID, r.Chunk), ledger.EncodeRevision(revision+1))
	t.private = append(t.private,
		keyValue{ledger.RewrittenChunkKey(r.TransactionID, r.Chunk, revision+1), value},
		keyValue{key, nil})
	return answer, true, nil
}

// withoutPersons packs a chunk anew, with the person parts of some slots emptied.
func withoutPersons(chunk ledger.Chunk, slots []byte) (value []byte, changed bool, err error) {
	for _, number := range slots {
		if int(number) >= len(chunk.Slots) {
			return nil, false, fmt.Errorf("the chunk has %d slots, and no slot %d", len(chunk.Slots), number)
		}
		slot := &chunk.Slots[number]
		var emptied []byte
		if chunk.Lot == nil { // the slot has the trade part as well
			if emptied, err = sealed.WithoutPerson(slot.Sealed); err != nil {
				return nil, false, fmt.Errorf("slot %d: %w", number, err)
			}
		}
		changed = changed || len(emptied) != len(slot.Sealed)
		slot.Sealed = emptied
	}
	value, err = ledger.EncodeChunk(chunk)
	return value, changed, err
}

// readChunk reads a chunk as it is now, and under which private key.
func readChunk(t *transaction, stub shim.ChaincodeStubInterface, transaction ledger.TransactionID, number uint8) (chunk ledger.Chunk, key string, err error) {
	revision, err := t.revision(transaction, number)
	if err != nil {
		return chunk, "", err
	}
	key = ledger.RewrittenChunkKey(transaction.String(), number, revision)
	value, err := stub.GetPrivateData(ledger.Bodies, key)
	if err != nil {
		return chunk, "", fmt.Errorf("read the chunk: %w", err)
	}
	if value == nil {
		return chunk, "", errors.New("this peer has not got the chunk")
	}
	chunk, err = ledger.DecodeChunk(value)
	return chunk, key, err
}

// revision is how often a chunk was rewritten.
func (t *transaction) revision(transaction ledger.TransactionID, chunk uint8) (uint16, error) {
	value, err := t.get(ledger.RevisionKey(transaction.String(), chunk))
	if err != nil {
		return 0, err
	}
	return ledger.DecodeRevision(value)
}
