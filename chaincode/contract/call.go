package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/tillproof/tillproof/domain/ledger"
)

// call runs a function that takes and gives JSON. Where the function says that nothing changed, nothing is written,
// whatever it did on the way to finding that out.
func call[R, A any](stub shim.ChaincodeStubInterface, function, argument string, run func(*transaction, R) (A, bool, error)) (string, error) {
	var request R
	if err := decode(argument, &request); err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	t, err := begin(stub)
	if err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	answer, changed, err := run(t, request)
	if err != nil {
		return "", fmt.Errorf("%s: %w", function, err)
	}
	if changed {
		t.finish()
		if err := write(stub, t); err != nil {
			return "", fmt.Errorf("%s: %w", function, err)
		}
	}
	return ledger.EncodeCall(answer)
}

// decode reads one JSON value and nothing else.
func decode(argument string, into any) error {
	decoder := json.NewDecoder(bytes.NewReader([]byte(argument)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read the argument: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the argument: there is more than one JSON value")
	}
	return nil
}
