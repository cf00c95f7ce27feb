// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package contract

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

// Signature is an auto generated low-level Go binding around an user-defined struct.
type Signature struct {
	R  [32]byte
	Vs [32]byte
}

// LogAnchorMetaData contains all meta data concerning the LogAnchor contract.
var LogAnchorMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"address\",\"name\":\"retail_\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"brands_\",\"type\":\"address\"},{\"internalType\":\"contractLogAnchor\",\"name\":\"predecessor_\",\"type\":\"address\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[],\"name\":\"BadSigners\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"BadSuccessor\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"successor\",\"type\":\"address\"}],\"name\":\"Ended\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"}],\"name\":\"NotGrown\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"}],\"name\":\"NotNext\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"NotSignedBy\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"previousSize\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"previousRoot\",\"type\":\"bytes32\"}],\"name\":\"Anchored\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"successor\",\"type\":\"address\"}],\"name\":\"Succeeded\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"previousSize\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"previousRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"size_\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"root_\",\"type\":\"bytes32\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"r\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"vs\",\"type\":\"bytes32\"}],\"internalType\":\"structSignature\",\"name\":\"byRetail\",\"type\":\"tuple\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"r\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"vs\",\"type\":\"bytes32\"}],\"internalType\":\"structSignature\",\"name\":\"byBrands\",\"type\":\"tuple\"}],\"name\":\"anchor\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"brands\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"epoch\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"predecessor\",\"outputs\":[{\"internalType\":\"contractLogAnchor\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"retail\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"root\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"size\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"contractLogAnchor\",\"name\":\"successor_\",\"type\":\"address\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"r\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"vs\",\"type\":\"bytes32\"}],\"internalType\":\"structSignature\",\"name\":\"byRetail\",\"type\":\"tuple\"},{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"r\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"vs\",\"type\":\"bytes32\"}],\"internalType\":\"structSignature\",\"name\":\"byBrands\",\"type\":\"tuple\"}],\"name\":\"succeed\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"successor\",\"outputs\":[{\"internalType\":\"contractLogAnchor\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "LogAnchor",
	Bin: "0x610100604052348015610010575f5ffd5b5060405161116338038061116383398101604081905261002f91610281565b816001600160a01b0316836001600160a01b03161415801561005957506001600160a01b03831615155b801561006d57506001600160a01b03821615155b61008a576040516347c0310160e11b815260040160405180910390fd5b6001600160a01b0380841660805282811660a052811660c08190526100f657600160e0526040516002906020815f81855afa1580156100cb573d5f5f3e3d5ffd5b5050506040513d601f19601f820116820180604052508101906100ee91906102cb565b600155610262565b806001600160a01b031663900cf0cf6040518163ffffffff1660e01b8152600401602060405180830381865afa158015610132573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061015691906102e2565b61016190600161030f565b6001600160401b031660e0816001600160401b031681525050806001600160a01b031663949d225d6040518163ffffffff1660e01b8152600401602060405180830381865afa1580156101b6573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906101da91906102e2565b5f5f6101000a8154816001600160401b0302191690836001600160401b03160217905550806001600160a01b031663ebf0c7176040518163ffffffff1660e01b8152600401602060405180830381865afa15801561023a573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061025e91906102cb565b6001555b505050610340565b6001600160a01b038116811461027e575f5ffd5b50565b5f5f5f60608486031215610293575f5ffd5b835161029e8161026a565b60208501519093506102af8161026a565b60408501519092506102c08161026a565b809150509250925092565b5f602082840312156102db575f5ffd5b5051919050565b5f602082840312156102f2575f5ffd5b81516001600160401b0381168114610308575f5ffd5b9392505050565b6001600160401b03818116838216019081111561033a57634e487b7160e01b5f52601160045260245ffd5b92915050565b60805160a05160c05160e051610dc06103a35f395f8181610139015281816103860152818161058f01526107c001525f6101b301525f818160a801528181610a620152610aba01525f818161018c0152818161099801526109f00152610dc05ff3fe608060405234801561000f575f5ffd5b506004361061009f575f3560e01c8063949d225d11610072578063b719d03211610058578063b719d032146101ae578063ebf0c717146101d5578063fad6333e146101ec575f5ffd5b8063949d225d14610174578063a19b162414610187575f5ffd5b806315e3b072146100a357806357f0a563146100f45780636ff968c314610109578063900cf0cf14610134575b5f5ffd5b6100ca7f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff90911681526020015b60405180910390f35b610107610102366004610c02565b6101ff565b005b5f546100ca9068010000000000000000900473ffffffffffffffffffffffffffffffffffffffff1681565b61015b7f000000000000000000000000000000000000000000000000000000000000000081565b60405167ffffffffffffffff90911681526020016100eb565b5f5461015b9067ffffffffffffffff1681565b6100ca7f000000000000000000000000000000000000000000000000000000000000000081565b6100ca7f000000000000000000000000000000000000000000000000000000000000000081565b6101de60015481565b6040519081526020016100eb565b6101076101fa366004610c8c565b610472565b5f5468010000000000000000900473ffffffffffffffffffffffffffffffffffffffff168015610279576040517f5699deef00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024015b60405180910390fd5b505f5467ffffffffffffffff8781169116148015610298575060015485145b5f5460015467ffffffffffffffff909116916102f2576040517f8b43b25c00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff90921660048301526024820152604401610270565b50508567ffffffffffffffff168467ffffffffffffffff16118690610350576040517f3543d96e00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9091166004820152602401610270565b50604080517f993a895df425307d205e66bb7255c6e11356533948ca25017ee4188ab337f30c602082015267ffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000081169282019290925281881660608201526080810187905290851660a082015260c081018490526103f19060e0015b604051602081830303815290604052805190602001208383610898565b5f80547fffffffffffffffffffffffffffffffffffffffffffffffff00000000000000001667ffffffffffffffff86811691821790925560018590556040805192891683526020830188905285927f5c88edbb750cf126ecd9bd52fe85b66c964716e388eca2e85a083b03bc1c11cd910160405180910390a3505050505050565b5f5468010000000000000000900473ffffffffffffffffffffffffffffffffffffffff1680156104e7576040517f5699deef00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610270565b503073ffffffffffffffffffffffffffffffffffffffff168373ffffffffffffffffffffffffffffffffffffffff1663b719d0326040518163ffffffff1660e01b8152600401602060405180830381865afa158015610548573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061056c9190610cd0565b73ffffffffffffffffffffffffffffffffffffffff1614801561063857506105b57f00000000000000000000000000000000000000000000000000000000000000006001610d1f565b67ffffffffffffffff168373ffffffffffffffffffffffffffffffffffffffff1663900cf0cf6040518163ffffffff1660e01b8152600401602060405180830381865afa158015610608573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061062c9190610d3f565b67ffffffffffffffff16145b80156106d757505f5f9054906101000a900467ffffffffffffffff1667ffffffffffffffff168373ffffffffffffffffffffffffffffffffffffffff1663949d225d6040518163ffffffff1660e01b8152600401602060405180830381865afa1580156106a7573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906106cb9190610d3f565b67ffffffffffffffff16145b801561075057506001548373ffffffffffffffffffffffffffffffffffffffff1663ebf0c7176040518163ffffffff1660e01b8152600401602060405180830381865afa15801561072a573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061074e9190610d5a565b145b610786576040517f13549e7500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f54600154604080517f6c10fcec29363303402e39cbcbe86d25ded3f7b399cd356362ab39a14db18a0c602082015267ffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000081169282019290925292166060830152608082015273ffffffffffffffffffffffffffffffffffffffff841660a082015261081c9060c0016103d4565b5f80547fffffffff0000000000000000000000000000000000000000ffffffffffffffff166801000000000000000073ffffffffffffffffffffffffffffffffffffffff861690810291909117825560405190917f0e0c32a18730220851983ab7c8a081b5fa562378fc1ce4b87eb48d393f82eda491a2505050565b604080517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f60208201527fb9b8837ae6a58b7ff762b197fb6f36fa7813eb9507e26cb30c3d1147e3988b56918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608201524660808201523060a08201525f9060c0016040516020818303038152906040528051906020012090505f818560405160200161097e9291907f190100000000000000000000000000000000000000000000000000000000000081526002810192909252602282015260420190565b6040516020818303038152906040528051906020012090507f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff166109d78286610b31565b73ffffffffffffffffffffffffffffffffffffffff16147f000000000000000000000000000000000000000000000000000000000000000090610a5f576040517fd6adc45100000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610270565b507f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff16610aa18285610b31565b73ffffffffffffffffffffffffffffffffffffffff16147f000000000000000000000000000000000000000000000000000000000000000090610b29576040517fd6adc45100000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610270565b505050505050565b5f80610b45602084013560ff1c601b610d71565b604080515f8152602080820180845288905260ff84169282019290925285356060820152908501357f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff166080820181905291925060019060a0016020604051602081039080840390855afa158015610bbf573d5f5f3e3d5ffd5b50505060206040510351925050505b92915050565b67ffffffffffffffff81168114610be9575f5ffd5b50565b5f60408284031215610bfc575f5ffd5b50919050565b5f5f5f5f5f5f6101008789031215610c18575f5ffd5b8635610c2381610bd4565b9550602087013594506040870135610c3a81610bd4565b935060608701359250610c508860808901610bec565b9150610c5f8860c08901610bec565b90509295509295509295565b73ffffffffffffffffffffffffffffffffffffffff81168114610be9575f5ffd5b5f5f5f60a08486031215610c9e575f5ffd5b8335610ca981610c6b565b9250610cb88560208601610bec565b9150610cc78560608601610bec565b90509250925092565b5f60208284031215610ce0575f5ffd5b8151610ceb81610c6b565b9392505050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b67ffffffffffffffff8181168382160190811115610bce57610bce610cf2565b5f60208284031215610d4f575f5ffd5b8151610ceb81610bd4565b5f60208284031215610d6a575f5ffd5b5051919050565b60ff8181168382160190811115610bce57610bce610cf256fea264697066735822122010857a53027266f75b4a1ce782fdd85a7a3f15d50a98622fd514b91a2e46321f64736f6c63430008250033",
}

// LogAnchor is an auto generated Go binding around an Ethereum contract.
type LogAnchor struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *LogAnchor) GetABI() abi.ABI {
	return c.abi
}

// NewLogAnchor creates a new instance of LogAnchor.
func NewLogAnchor() *LogAnchor {
	parsed, err := LogAnchorMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &LogAnchor{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *LogAnchor) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address retail_, address brands_, address predecessor_) returns()
func (logAnchor *LogAnchor) PackConstructor(retail_ common.Address, brands_ common.Address, predecessor_ common.Address) []byte {
	enc, err := logAnchor.abi.Pack("", retail_, brands_, predecessor_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackAnchor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x57f0a563.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function anchor(uint64 previousSize, bytes32 previousRoot, uint64 size_, bytes32 root_, (bytes32,bytes32) byRetail, (bytes32,bytes32) byBrands) returns()
func (logAnchor *LogAnchor) PackAnchor(previousSize uint64, previousRoot [32]byte, size uint64, root [32]byte, byRetail Signature, byBrands Signature) []byte {
	enc, err := logAnchor.abi.Pack("anchor", previousSize, previousRoot, size, root, byRetail, byBrands)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAnchor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x57f0a563.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function anchor(uint64 previousSize, bytes32 previousRoot, uint64 size_, bytes32 root_, (bytes32,bytes32) byRetail, (bytes32,bytes32) byBrands) returns()
func (logAnchor *LogAnchor) TryPackAnchor(previousSize uint64, previousRoot [32]byte, size uint64, root [32]byte, byRetail Signature, byBrands Signature) ([]byte, error) {
	return logAnchor.abi.Pack("anchor", previousSize, previousRoot, size, root, byRetail, byBrands)
}

// PackBrands is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x15e3b072.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function brands() view returns(address)
func (logAnchor *LogAnchor) PackBrands() []byte {
	enc, err := logAnchor.abi.Pack("brands")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackBrands is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x15e3b072.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function brands() view returns(address)
func (logAnchor *LogAnchor) TryPackBrands() ([]byte, error) {
	return logAnchor.abi.Pack("brands")
}

// UnpackBrands is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x15e3b072.
//
// Solidity: function brands() view returns(address)
func (logAnchor *LogAnchor) UnpackBrands(data []byte) (common.Address, error) {
	out, err := logAnchor.abi.Unpack("brands", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackEpoch is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x900cf0cf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function epoch() view returns(uint64)
func (logAnchor *LogAnchor) PackEpoch() []byte {
	enc, err := logAnchor.abi.Pack("epoch")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackEpoch is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x900cf0cf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function epoch() view returns(uint64)
func (logAnchor *LogAnchor) TryPackEpoch() ([]byte, error) {
	return logAnchor.abi.Pack("epoch")
}

// UnpackEpoch is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x900cf0cf.
//
// Solidity: function epoch() view returns(uint64)
func (logAnchor *LogAnchor) UnpackEpoch(data []byte) (uint64, error) {
	out, err := logAnchor.abi.Unpack("epoch", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackPredecessor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb719d032.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function predecessor() view returns(address)
func (logAnchor *LogAnchor) PackPredecessor() []byte {
	enc, err := logAnchor.abi.Pack("predecessor")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPredecessor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb719d032.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function predecessor() view returns(address)
func (logAnchor *LogAnchor) TryPackPredecessor() ([]byte, error) {
	return logAnchor.abi.Pack("predecessor")
}

// UnpackPredecessor is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb719d032.
//
// Solidity: function predecessor() view returns(address)
func (logAnchor *LogAnchor) UnpackPredecessor(data []byte) (common.Address, error) {
	out, err := logAnchor.abi.Unpack("predecessor", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackRetail is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa19b1624.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function retail() view returns(address)
func (logAnchor *LogAnchor) PackRetail() []byte {
	enc, err := logAnchor.abi.Pack("retail")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRetail is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa19b1624.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function retail() view returns(address)
func (logAnchor *LogAnchor) TryPackRetail() ([]byte, error) {
	return logAnchor.abi.Pack("retail")
}

// UnpackRetail is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xa19b1624.
//
// Solidity: function retail() view returns(address)
func (logAnchor *LogAnchor) UnpackRetail(data []byte) (common.Address, error) {
	out, err := logAnchor.abi.Unpack("retail", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xebf0c717.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function root() view returns(bytes32)
func (logAnchor *LogAnchor) PackRoot() []byte {
	enc, err := logAnchor.abi.Pack("root")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xebf0c717.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function root() view returns(bytes32)
func (logAnchor *LogAnchor) TryPackRoot() ([]byte, error) {
	return logAnchor.abi.Pack("root")
}

// UnpackRoot is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xebf0c717.
//
// Solidity: function root() view returns(bytes32)
func (logAnchor *LogAnchor) UnpackRoot(data []byte) ([32]byte, error) {
	out, err := logAnchor.abi.Unpack("root", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackSize is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x949d225d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function size() view returns(uint64)
func (logAnchor *LogAnchor) PackSize() []byte {
	enc, err := logAnchor.abi.Pack("size")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSize is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x949d225d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function size() view returns(uint64)
func (logAnchor *LogAnchor) TryPackSize() ([]byte, error) {
	return logAnchor.abi.Pack("size")
}

// UnpackSize is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x949d225d.
//
// Solidity: function size() view returns(uint64)
func (logAnchor *LogAnchor) UnpackSize(data []byte) (uint64, error) {
	out, err := logAnchor.abi.Unpack("size", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackSucceed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfad6333e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function succeed(address successor_, (bytes32,bytes32) byRetail, (bytes32,bytes32) byBrands) returns()
func (logAnchor *LogAnchor) PackSucceed(successor common.Address, byRetail Signature, byBrands Signature) []byte {
	enc, err := logAnchor.abi.Pack("succeed", successor, byRetail, byBrands)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSucceed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfad6333e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function succeed(address successor_, (bytes32,bytes32) byRetail, (bytes32,bytes32) byBrands) returns()
func (logAnchor *LogAnchor) TryPackSucceed(successor common.Address, byRetail Signature, byBrands Signature) ([]byte, error) {
	return logAnchor.abi.Pack("succeed", successor, byRetail, byBrands)
}

// PackSuccessor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6ff968c3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function successor() view returns(address)
func (logAnchor *LogAnchor) PackSuccessor() []byte {
	enc, err := logAnchor.abi.Pack("successor")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSuccessor is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6ff968c3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function successor() view returns(address)
func (logAnchor *LogAnchor) TryPackSuccessor() ([]byte, error) {
	return logAnchor.abi.Pack("successor")
}

// UnpackSuccessor is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x6ff968c3.
//
// Solidity: function successor() view returns(address)
func (logAnchor *LogAnchor) UnpackSuccessor(data []byte) (common.Address, error) {
	out, err := logAnchor.abi.Unpack("successor", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// LogAnchorAnchored represents a Anchored event raised by the LogAnchor contract.
type LogAnchorAnchored struct {
	Size         uint64
	Root         [32]byte
	PreviousSize uint64
	PreviousRoot [32]byte
	Raw          *types.Log // Blockchain specific contextual infos
}

const LogAnchorAnchoredEventName = "Anchored"

// ContractEventName returns the user-defined event name.
func (LogAnchorAnchored) ContractEventName() string {
	return LogAnchorAnchoredEventName
}

// UnpackAnchoredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Anchored(uint64 indexed size, bytes32 indexed root, uint64 previousSize, bytes32 previousRoot)
func (logAnchor *LogAnchor) UnpackAnchoredEvent(log *types.Log) (*LogAnchorAnchored, error) {
	event := "Anchored"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != logAnchor.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LogAnchorAnchored)
	if len(log.Data) > 0 {
		if err := logAnchor.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range logAnchor.abi.Events[event].Inputs {
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

// LogAnchorSucceeded represents a Succeeded event raised by the LogAnchor contract.
type LogAnchorSucceeded struct {
	Successor common.Address
	Raw       *types.Log // Blockchain specific contextual infos
}

const LogAnchorSucceededEventName = "Succeeded"

// ContractEventName returns the user-defined event name.
func (LogAnchorSucceeded) ContractEventName() string {
	return LogAnchorSucceededEventName
}

// UnpackSucceededEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Succeeded(address indexed successor)
func (logAnchor *LogAnchor) UnpackSucceededEvent(log *types.Log) (*LogAnchorSucceeded, error) {
	event := "Succeeded"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != logAnchor.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(LogAnchorSucceeded)
	if len(log.Data) > 0 {
		if err := logAnchor.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range logAnchor.abi.Events[event].Inputs {
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
func (logAnchor *LogAnchor) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], logAnchor.abi.Errors["BadSigners"].ID.Bytes()[:4]) {
		return logAnchor.UnpackBadSignersError(raw[4:])
	}
	if bytes.Equal(raw[:4], logAnchor.abi.Errors["BadSuccessor"].ID.Bytes()[:4]) {
		return logAnchor.UnpackBadSuccessorError(raw[4:])
	}
	if bytes.Equal(raw[:4], logAnchor.abi.Errors["Ended"].ID.Bytes()[:4]) {
		return logAnchor.UnpackEndedError(raw[4:])
	}
	if bytes.Equal(raw[:4], logAnchor.abi.Errors["NotGrown"].ID.Bytes()[:4]) {
		return logAnchor.UnpackNotGrownError(raw[4:])
	}
	if bytes.Equal(raw[:4], logAnchor.abi.Errors["NotNext"].ID.Bytes()[:4]) {
		return logAnchor.UnpackNotNextError(raw[4:])
	}
	if bytes.Equal(raw[:4], logAnchor.abi.Errors["NotSignedBy"].ID.Bytes()[:4]) {
		return logAnchor.UnpackNotSignedByError(raw[4:])
	}
	return nil, errors.New("unknown error")
}

// LogAnchorBadSigners represents a BadSigners error raised by the LogAnchor contract.
type LogAnchorBadSigners struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadSigners()
func LogAnchorBadSignersErrorID() common.Hash {
	return common.HexToHash("0x8f8062028f5811dc02f0d6d2a4479f0ee43990208929740a70ca8c9ad73aff53")
}

// UnpackBadSignersError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadSigners()
func (logAnchor *LogAnchor) UnpackBadSignersError(raw []byte) (*LogAnchorBadSigners, error) {
	out := new(LogAnchorBadSigners)
	if err := logAnchor.abi.UnpackIntoInterface(out, "BadSigners", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LogAnchorBadSuccessor represents a BadSuccessor error raised by the LogAnchor contract.
type LogAnchorBadSuccessor struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadSuccessor()
func LogAnchorBadSuccessorErrorID() common.Hash {
	return common.HexToHash("0x13549e75c5fc9bb2349d8346911f9bf599280357fb5e1d4038e0b5111b46fd5b")
}

// UnpackBadSuccessorError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadSuccessor()
func (logAnchor *LogAnchor) UnpackBadSuccessorError(raw []byte) (*LogAnchorBadSuccessor, error) {
	out := new(LogAnchorBadSuccessor)
	if err := logAnchor.abi.UnpackIntoInterface(out, "BadSuccessor", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LogAnchorEnded represents a Ended error raised by the LogAnchor contract.
type LogAnchorEnded struct {
	Successor common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Ended(address successor)
func LogAnchorEndedErrorID() common.Hash {
	return common.HexToHash("0x5699deef3e04be804ac29c66b1ca35e41bc435d9a0326d9a6ae520ae1a1e8755")
}

// UnpackEndedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Ended(address successor)
func (logAnchor *LogAnchor) UnpackEndedError(raw []byte) (*LogAnchorEnded, error) {
	out := new(LogAnchorEnded)
	if err := logAnchor.abi.UnpackIntoInterface(out, "Ended", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LogAnchorNotGrown represents a NotGrown error raised by the LogAnchor contract.
type LogAnchorNotGrown struct {
	Size uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotGrown(uint64 size)
func LogAnchorNotGrownErrorID() common.Hash {
	return common.HexToHash("0x3543d96e0ce1f0416f65b0c0fe904fd0c24203bbd3f10217086d4b262af02682")
}

// UnpackNotGrownError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotGrown(uint64 size)
func (logAnchor *LogAnchor) UnpackNotGrownError(raw []byte) (*LogAnchorNotGrown, error) {
	out := new(LogAnchorNotGrown)
	if err := logAnchor.abi.UnpackIntoInterface(out, "NotGrown", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LogAnchorNotNext represents a NotNext error raised by the LogAnchor contract.
type LogAnchorNotNext struct {
	Size uint64
	Root [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotNext(uint64 size, bytes32 root)
func LogAnchorNotNextErrorID() common.Hash {
	return common.HexToHash("0x8b43b25cc5f211db0384d0bee6fb2504de8609d5f82a83f6b55320744b67c077")
}

// UnpackNotNextError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotNext(uint64 size, bytes32 root)
func (logAnchor *LogAnchor) UnpackNotNextError(raw []byte) (*LogAnchorNotNext, error) {
	out := new(LogAnchorNotNext)
	if err := logAnchor.abi.UnpackIntoInterface(out, "NotNext", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LogAnchorNotSignedBy represents a NotSignedBy error raised by the LogAnchor contract.
type LogAnchorNotSignedBy struct {
	Signer common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotSignedBy(address signer)
func LogAnchorNotSignedByErrorID() common.Hash {
	return common.HexToHash("0xd6adc4517c19d285c90cf42ecf11269c2daf1eb4177aca773e0aa5cdc98188bb")
}

// UnpackNotSignedByError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotSignedBy(address signer)
func (logAnchor *LogAnchor) UnpackNotSignedByError(raw []byte) (*LogAnchorNotSignedBy, error) {
	out := new(LogAnchorNotSignedBy)
	if err := logAnchor.abi.UnpackIntoInterface(out, "NotSignedBy", raw); err != nil {
		return nil, err
	}
	return out, nil
}
