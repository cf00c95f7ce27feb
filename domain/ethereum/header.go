package ethereum

import (
	"fmt"
	"time"
)

// A Header is what a block's header says that matters here.
type Header struct {
	Hash             Hash
	Number           uint64
	Time             time.Time
	TransactionsRoot Hash
	ReceiptsRoot     Hash
}

// Places in a header, of which forks have only ever appended more.
const (
	headerTransactions = 4
	headerReceipts     = 5
	headerNumber       = 8
	headerTime         = 11
	headerLeast        = 15
)

// DecodeHeader reads a header's RLP. Its hash covers all of it.
func DecodeHeader(encoded []byte) (Header, error) {
	h := Header{Hash: Keccak(encoded)}
	items, err := decodeList(encoded)
	if err == nil && len(items) < headerLeast {
		err = errRLP
	}
	if err == nil {
		h.TransactionsRoot, err = items[headerTransactions].hash()
	}
	if err == nil {
		h.ReceiptsRoot, err = items[headerReceipts].hash()
	}
	if err == nil {
		h.Number, err = items[headerNumber].number()
	}
	var seconds uint64
	if err == nil {
		seconds, err = items[headerTime].number()
	}
	if err != nil {
		return Header{}, fmt.Errorf("read a block's header: %w", err)
	}
	h.Time = time.Unix(int64(seconds), 0).UTC()
	return h, nil
}
