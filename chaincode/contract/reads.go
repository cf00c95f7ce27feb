package contract

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// page is how many keys one step of a range read takes: well below the peer's totalQueryLimit, beyond which a range ends
// without a word.
const page = 10_000

// Record is the public record of a ticket, as ReadRecord gives it.
type Record struct {
	Commitment    string `json:"commitment"` // hex
	Programme     uint32 `json:"programme"`  // version of the points programme at the time
	TransactionID string `json:"transactionId"`
	Chunk         uint8  `json:"chunk"`
	Slot          uint8  `json:"slot"`
}

// ReadRecord gives the public record of a ticket by its key, 64 hex digits.
func (c *Contract) ReadRecord(ctx contractapi.TransactionContextInterface, ticketKey string) (*Record, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReadRecord"); err != nil {
		return nil, err
	}
	record, err := readRecord(stub, ticketKey)
	if err != nil {
		return nil, fmt.Errorf("ReadRecord: %w", err)
	}
	return &Record{
		Commitment:    hex.EncodeToString(record.Commitment[:]),
		Programme:     record.Programme,
		TransactionID: record.TransactionID.String(),
		Chunk:         record.Chunk,
		Slot:          record.Slot,
	}, nil
}

// ReadBody gives a ticket's sealed body as it is now (package sealed), in base64, from this peer's private data.
func (c *Contract) ReadBody(ctx contractapi.TransactionContextInterface, ticketKey string) (string, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "ReadBody"); err != nil {
		return "", err
	}
	record, err := readRecord(stub, ticketKey)
	if err != nil {
		return "", fmt.Errorf("ReadBody: %w", err)
	}
	t, err := begin(stub)
	if err != nil {
		return "", fmt.Errorf("ReadBody: %w", err)
	}
	chunk, _, err := readChunk(t, stub, record.TransactionID, record.Chunk)
	if err != nil {
		return "", fmt.Errorf("ReadBody: %w", err)
	}
	if int(record.Slot) >= len(chunk.Slots) || chunk.Lot == nil && chunk.Slots[record.Slot].Key.String() != ticketKey {
		return "", fmt.Errorf("ReadBody: slot %d of the chunk is not this ticket's", record.Slot)
	}
	body := chunk.Slots[record.Slot].Sealed
	if chunk.Lot != nil {
		body = sealed.Compose(chunk.Lot, int(record.Slot), body)
	}
	return base64.StdEncoding.EncodeToString(body), nil
}

// Count is one step of counting records.
type Count struct {
	Records  int    `json:"records"`
	Bookmark string `json:"bookmark"` // where the next step begins; empty: all counted
}

// CountRecords counts the recorded tickets in steps: call it with an empty bookmark, then with the one it gave, until
// that is empty, and add up.
func (c *Contract) CountRecords(ctx contractapi.TransactionContextInterface, bookmark string) (*Count, error) {
	stub := ctx.GetStub()
	if err := authorise(stub, "CountRecords"); err != nil {
		return nil, err
	}
	count := new(Count)
	next, err := onePage(stub, ledger.RecordPrefix, ledger.RecordEnd, bookmark, func(*queryresult.KV) error {
		count.Records++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("CountRecords: %w", err)
	}
	count.Bookmark = next
	return count, nil
}

func readRecord(stub shim.ChaincodeStubInterface, ticketKey string) (ledger.Record, error) {
	key, err := ledger.ParseTicketKey(ticketKey)
	if err != nil {
		return ledger.Record{}, err
	}
	value, err := stub.GetState(ledger.RecordKey(key))
	if err != nil {
		return ledger.Record{}, err
	}
	if value == nil {
		return ledger.Record{}, fmt.Errorf("no ticket is recorded under key %s", ticketKey)
	}
	return ledger.DecodeRecord(value)
}

// eachInRange calls f with every pair of a range, page by page.
func eachInRange(stub shim.ChaincodeStubInterface, from, to string, f func(*queryresult.KV) error) error {
	for bookmark := ""; ; {
		next, err := onePage(stub, from, to, bookmark, f)
		if err != nil || next == "" {
			return err
		}
		bookmark = next
	}
}

// onePage calls f with up to page pairs and gives the bookmark of the next page, empty after the last.
func onePage(stub shim.ChaincodeStubInterface, from, to, bookmark string, f func(*queryresult.KV) error) (string, error) {
	return pageOf(stub, from, to, bookmark, page, f)
}

func pageOf(stub shim.ChaincodeStubInterface, from, to, bookmark string, size int32, f func(*queryresult.KV) error) (string, error) {
	pairs, metadata, err := stub.GetStateByRangeWithPagination(from, to, size, bookmark)
	if err != nil {
		return "", fmt.Errorf("read %s to %s: %w", from, to, err)
	}
	defer pairs.Close()
	for pairs.HasNext() {
		pair, err := pairs.Next()
		if err != nil {
			return "", fmt.Errorf("read %s to %s: %w", from, to, err)
		}
		if err := f(pair); err != nil {
			return "", err
		}
	}
	if metadata.GetFetchedRecordsCount() < size {
		return "", nil
	}
	return metadata.GetBookmark(), nil
}
