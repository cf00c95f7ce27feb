package contract

import (
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/tillproof/tillproof/domain/ledger"
)

// A world is the public state as it was before a transaction: reads do not see the transaction's own writes.
type world interface {
	// Get reads keys, all at once. A value is nil where there is none.
	Get(keys ...string) ([][]byte, error)
	// Range reads the first keys in [from, to), up to so many. What is read is protected: the transaction is invalid if
	// another one adds to it or takes from it.
	Range(from, to string, most int) ([]keyValue, error)
}

// A keyValue is one key with what stands there, or is to stand there.
type keyValue struct {
	key   string
	value []byte // nil in a write: the key is deleted
}

// peerState is the world that a peer shows.
type peerState struct {
	stub shim.ChaincodeStubInterface
}

func (s peerState) Get(keys ...string) ([][]byte, error) {
	values, err := s.stub.GetMultipleStates(keys...)
	if err != nil {
		return nil, fmt.Errorf("read %d keys: %w", len(keys), err)
	}
	return values, nil
}

func (s peerState) Range(from, to string, most int) ([]keyValue, error) {
	// Not the paginated read: after one of those Fabric lets a transaction write nothing.
	iterator, err := s.stub.GetStateByRange(from, to)
	if err != nil {
		return nil, fmt.Errorf("read %s to %s: %w", from, to, err)
	}
	defer iterator.Close()
	var found []keyValue
	for iterator.HasNext() && len(found) < most {
		pair, err := iterator.Next()
		if err != nil {
			return nil, fmt.Errorf("read %s to %s: %w", from, to, err)
		}
		found = append(found, keyValue{pair.GetKey(), pair.GetValue()})
	}
	return found, nil
}

// write hands a transaction's writes to the peer, all at once.
func write(stub shim.ChaincodeStubInterface, t *transaction) error {
	stub.StartWriteBatch()
	for _, w := range t.public {
		var err error
		if w.value == nil {
			err = stub.DelState(w.key)
		} else {
			err = stub.PutState(w.key, w.value)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", w.key, err)
		}
	}
	for _, w := range t.private {
		var err error
		if w.value == nil {
			err = stub.PurgePrivateData(ledger.Bodies, w.key)
		} else {
			err = stub.PutPrivateData(ledger.Bodies, w.key, w.value)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", w.key, err)
		}
	}
	if err := stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("write the batch: %w", err)
	}
	return nil
}
