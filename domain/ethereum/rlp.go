package ethereum

import (
	"encoding/binary"
	"errors"
)

// errRLP is what everything that is no RLP, or not in its one form, is refused with.
var errRLP = errors.New("it is not in the one form that RLP has")

// A value is a string of bytes, or a list, whose content is its items' encodings.
type value struct {
	list    bool
	content []byte
}

// decodeList reads a list that is all there is, and gives its items.
func decodeList(encoded []byte) ([]value, error) {
	v, rest, err := split(encoded)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, errRLP
	}
	return v.items()
}

// items gives those of a list.
func (v value) items() ([]value, error) {
	if !v.list {
		return nil, errRLP
	}
	var items []value
	for rest := v.content; len(rest) > 0; {
		var item value
		var err error
		if item, rest, err = split(rest); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// Prefixes of RLP: below shortString a byte stands for itself.
const (
	shortString = 0x80
	longString  = 0xb7
	shortList   = 0xc0
	longList    = 0xf7
	shortest    = 56 // the length from which on a length of its own is written
)

// split takes the first value off.
func split(encoded []byte) (v value, rest []byte, err error) {
	if len(encoded) == 0 {
		return v, nil, errRLP
	}
	prefix, rest := encoded[0], encoded[1:]
	switch {
	case prefix < shortString:
		return value{content: encoded[:1]}, rest, nil
	case prefix <= longString:
		v, rest, err = take(false, uint64(prefix-shortString), rest)
		if err == nil && len(v.content) == 1 && v.content[0] < shortString {
			err = errRLP // it stands for itself
		}
		return v, rest, err
	case prefix < shortList:
		return takeLong(false, int(prefix-longString), rest)
	case prefix <= longList:
		return take(true, uint64(prefix-shortList), rest)
	default:
		return takeLong(true, int(prefix-longList), rest)
	}
}

func take(list bool, length uint64, rest []byte) (value, []byte, error) {
	if length > uint64(len(rest)) {
		return value{}, nil, errRLP
	}
	return value{list, rest[:length]}, rest[length:], nil
}

func takeLong(list bool, digits int, rest []byte) (value, []byte, error) {
	length, err := number(rest[:min(digits, len(rest))])
	if err != nil || digits > len(rest) || length < shortest {
		return value{}, nil, errRLP
	}
	return take(list, length, rest[digits:])
}

// number reads big-endian bytes without leading zeros; none are 0.
func number(digits []byte) (uint64, error) {
	if len(digits) > 8 || len(digits) > 0 && digits[0] == 0 {
		return 0, errRLP
	}
	var padded [8]byte
	copy(padded[8-len(digits):], digits)
	return binary.BigEndian.Uint64(padded[:]), nil
}

func (v value) number() (uint64, error) {
	if v.list {
		return 0, errRLP
	}
	return number(v.content)
}

// hash reads a string of 32 bytes.
func (v value) hash() (Hash, error) {
	if v.list || len(v.content) != len(Hash{}) {
		return Hash{}, errRLP
	}
	return Hash(v.content), nil
}

// encodeIndex is the RLP of a number, by which a block's tries are keyed.
func encodeIndex(n uint64) []byte {
	digits := binary.BigEndian.AppendUint64(nil, n)
	for len(digits) > 0 && digits[0] == 0 {
		digits = digits[1:]
	}
	if len(digits) == 1 && digits[0] < shortString {
		return digits
	}
	return append([]byte{shortString + byte(len(digits))}, digits...)
}
