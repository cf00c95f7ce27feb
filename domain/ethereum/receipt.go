package ethereum

import (
	"errors"
	"fmt"
)

// A Log is an event that a contract has written.
type Log struct {
	Address Address
	Topics  []Hash
	Data    []byte
}

// DecodeReceipt reads the events of a transaction that succeeded, from the receipt as a block's trie has it (EIP-2718).
func DecodeReceipt(encoded []byte) ([]Log, error) {
	if len(encoded) > 0 && encoded[0] < shortString {
		encoded = encoded[1:] // the type of the transaction
	}
	items, err := decodeList(encoded)
	const status, logs, count = 0, 3, 4
	if err != nil || len(items) != count {
		return nil, fmt.Errorf("read a receipt: %w", errRLP)
	}
	if succeeded, err := items[status].number(); err != nil || succeeded != 1 {
		return nil, errors.New("the transaction failed, or is from before transactions could be seen to fail")
	}
	entries, err := items[logs].items()
	if err != nil {
		return nil, fmt.Errorf("read a receipt: %w", err)
	}
	decoded := make([]Log, 0, len(entries))
	for _, entry := range entries {
		log, err := decodeLog(entry)
		if err != nil {
			return nil, fmt.Errorf("read a receipt: %w", err)
		}
		decoded = append(decoded, log)
	}
	return decoded, nil
}

func decodeLog(entry value) (log Log, err error) {
	parts, err := entry.items()
	if err != nil || len(parts) != 3 || parts[0].list || len(parts[0].content) != len(log.Address) || parts[2].list {
		return log, errRLP
	}
	topics, err := parts[1].items()
	if err != nil {
		return log, err
	}
	log.Address, log.Data = Address(parts[0].content), parts[2].content
	for _, topic := range topics {
		hash, err := topic.hash()
		if err != nil {
			return log, err
		}
		log.Topics = append(log.Topics, hash)
	}
	return log, nil
}
