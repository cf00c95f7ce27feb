// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package benchmark

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// SalePerTransactionMetaData contains all meta data concerning the SalePerTransaction contract.
var SalePerTransactionMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"ticketKey\",\"type\":\"bytes32\"}],\"name\":\"AlreadyRecorded\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"ticketKey\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"commitment\",\"type\":\"bytes32\"}],\"name\":\"Recorded\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"ticketKey\",\"type\":\"bytes32\"}],\"name\":\"commitments\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"ticketKey\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"commitment\",\"type\":\"bytes32\"}],\"name\":\"record\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "SalePerTransaction",
	Bin: "0x6080604052348015600e575f5ffd5b506101878061001c5f395ff3fe608060405234801561000f575f5ffd5b5060043610610034575f3560e01c8063839df94514610038578063cda1c3b914610069575b5f5ffd5b61005761004636600461011a565b5f6020819052908152604090205481565b60405190815260200160405180910390f35b61007c610077366004610131565b61007e565b005b5f828152602081905260409020548290156100d1576040517f05a64c200000000000000000000000000000000000000000000000000000000081526004016100c891815260200190565b60405180910390fd5b505f8281526020818152604091829020839055905182815283917f05f77ebe1172e88bc32a8cb8a166bbc742566d299607d665bfbeaac7c53cf5f6910160405180910390a25050565b5f6020828403121561012a575f5ffd5b5035919050565b5f5f60408385031215610142575f5ffd5b5050803592602090910135915056fea264697066735822122028f6aee55065883ce13af59c002b3c2e26b0061e7113a4b160e00cef37e5b31d64736f6c63430008250033",
}

// SalePerTransaction is an auto generated Go binding around an Ethereum contract.
type SalePerTransaction struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *SalePerTransaction) GetABI() abi.ABI {
	return c.abi
}

// NewSalePerTransaction creates a new instance of SalePerTransaction.
func NewSalePerTransaction() *SalePerTransaction {
	parsed, err := SalePerTransactionMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &SalePerTransaction{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *SalePerTransaction) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackCommitments is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x839df945.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function commitments(bytes32 ticketKey) view returns(bytes32)
func (salePerTransaction *SalePerTransaction) PackCommitments(ticketKey [32]byte) []byte {
	enc, err := salePerTransaction.abi.Pack("commitments", ticketKey)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCommitments is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x839df945.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function commitments(bytes32 ticketKey) view returns(bytes32)
func (salePerTransaction *SalePerTransaction) TryPackCommitments(ticketKey [32]byte) ([]byte, error) {
	return salePerTransaction.abi.Pack("commitments", ticketKey)
}

// UnpackCommitments is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x839df945.
//
// Solidity: function commitments(bytes32 ticketKey) view returns(bytes32)
func (salePerTransaction *SalePerTransaction) UnpackCommitments(data []byte) ([32]byte, error) {
	out, err := salePerTransaction.abi.Unpack("commitments", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackRecord is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcda1c3b9.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function record(bytes32 ticketKey, bytes32 commitment) returns()
func (salePerTransaction *SalePerTransaction) PackRecord(ticketKey [32]byte, commitment [32]byte) []byte {
	enc, err := salePerTransaction.abi.Pack("record", ticketKey, commitment)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRecord is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcda1c3b9.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function record(bytes32 ticketKey, bytes32 commitment) returns()
func (salePerTransaction *SalePerTransaction) TryPackRecord(ticketKey [32]byte, commitment [32]byte) ([]byte, error) {
	return salePerTransaction.abi.Pack("record", ticketKey, commitment)
}

// SalePerTransactionRecorded represents a Recorded event raised by the SalePerTransaction contract.
type SalePerTransactionRecorded struct {
	TicketKey  [32]byte
	Commitment [32]byte
	Raw        *types.Log // Blockchain specific contextual infos
}

const SalePerTransactionRecordedEventName = "Recorded"

// ContractEventName returns the user-defined event name.
func (SalePerTransactionRecorded) ContractEventName() string {
	return SalePerTransactionRecordedEventName
}

// UnpackRecordedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Recorded(bytes32 indexed ticketKey, bytes32 commitment)
func (salePerTransaction *SalePerTransaction) UnpackRecordedEvent(log *types.Log) (*SalePerTransactionRecorded, error) {
	event := "Recorded"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != salePerTransaction.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(SalePerTransactionRecorded)
	if len(log.Data) > 0 {
		if err := salePerTransaction.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range salePerTransaction.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (salePerTransaction *SalePerTransaction) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], salePerTransaction.abi.Errors["AlreadyRecorded"].ID.Bytes()[:4]) {
		return salePerTransaction.UnpackAlreadyRecordedError(raw[4:])
	}
	return nil, errors.New("unknown error")
}

// SalePerTransactionAlreadyRecorded represents a AlreadyRecorded error raised by the SalePerTransaction contract.
type SalePerTransactionAlreadyRecorded struct {
	TicketKey [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadyRecorded(bytes32 ticketKey)
func SalePerTransactionAlreadyRecordedErrorID() common.Hash {
	return common.HexToHash("0x05a64c20147ef9b2274d22b104aaa7e40ca4a2d678dc3fffd84e3245f57b05b9")
}

// UnpackAlreadyRecordedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadyRecorded(bytes32 ticketKey)
func (salePerTransaction *SalePerTransaction) UnpackAlreadyRecordedError(raw []byte) (*SalePerTransactionAlreadyRecorded, error) {
	out := new(SalePerTransactionAlreadyRecorded)
	if err := salePerTransaction.abi.UnpackIntoInterface(out, "AlreadyRecorded", raw); err != nil {
		return nil, err
	}
	return out, nil
}
