// Package blocktest builds Fabric blocks as a peer delivers them, for the tests of those who read blocks.
package blocktest

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tillproof/tillproof/network/block"
)

// A Transaction is what a test says of one; the zero values make a valid transaction of the ordinary kind.
type Transaction struct {
	ID      string
	Code    peer.TxValidationCode
	Config  bool
	Time    time.Time // zero: the header names none
	Writes  []block.Write
	Private []block.Write // with their collections
	Raw     []byte        // instead of all the others but the code: the envelope as it came
}

// Build makes a block with the private data beside it.
func Build(number uint64, transactions ...Transaction) *peer.BlockAndPrivateData {
	b := &common.Block{
		Header:   &common.BlockHeader{Number: number},
		Data:     &common.BlockData{},
		Metadata: &common.BlockMetadata{Metadata: make([][]byte, len(common.BlockMetadataIndex_name))},
	}
	private := make(map[uint64]*rwset.TxPvtReadWriteSet)
	codes := make([]byte, len(transactions))
	for i, t := range transactions {
		codes[i] = byte(t.Code)
		b.Data.Data = append(b.Data.Data, envelope(t))
		if len(t.Private) > 0 {
			private[uint64(i)] = privateSet(t.Private)
		}
	}
	b.Metadata.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = codes
	return &peer.BlockAndPrivateData{Block: b, PrivateDataMap: private}
}

func envelope(t Transaction) []byte {
	if t.Raw != nil {
		return t.Raw
	}
	header := &common.ChannelHeader{Type: int32(common.HeaderType_ENDORSER_TRANSACTION), ChannelId: "tickets", TxId: t.ID}
	if t.Config {
		header.Type = int32(common.HeaderType_CONFIG)
	}
	if !t.Time.IsZero() {
		header.Timestamp = timestamppb.New(t.Time)
	}
	payload := &common.Payload{Header: &common.Header{ChannelHeader: encode(header)}, Data: transaction(t.Writes)}
	return encode(&common.Envelope{Payload: encode(payload)})
}

func transaction(writes []block.Write) []byte {
	sets := &rwset.TxReadWriteSet{}
	for namespace, set := range byName(writes, func(w block.Write) string { return w.Namespace }) {
		sets.NsRwset = append(sets.NsRwset, &rwset.NsReadWriteSet{Namespace: namespace, Rwset: encode(set)})
	}
	response := &peer.ProposalResponsePayload{Extension: encode(&peer.ChaincodeAction{Results: encode(sets)})}
	action := &peer.ChaincodeActionPayload{Action: &peer.ChaincodeEndorsedAction{ProposalResponsePayload: encode(response)}}
	return encode(&peer.Transaction{Actions: []*peer.TransactionAction{{Payload: encode(action)}}})
}

// privateSet puts all collections into the namespace of the first write: one chaincode writes in a transaction here.
func privateSet(writes []block.Write) *rwset.TxPvtReadWriteSet {
	namespace := &rwset.NsPvtReadWriteSet{Namespace: writes[0].Namespace}
	for collection, set := range byName(writes, func(w block.Write) string { return w.Collection }) {
		namespace.CollectionPvtRwset = append(namespace.CollectionPvtRwset,
			&rwset.CollectionPvtReadWriteSet{CollectionName: collection, Rwset: encode(set)})
	}
	return &rwset.TxPvtReadWriteSet{NsPvtRwset: []*rwset.NsPvtReadWriteSet{namespace}}
}

// byName sorts writes into sets, which it gives in the order of their first write.
func byName(writes []block.Write, name func(block.Write) string) func(yield func(string, *kvrwset.KVRWSet) bool) {
	sets := make(map[string]*kvrwset.KVRWSet)
	var order []string
	for _, write := range writes {
		set, known := sets[name(write)]
		if !known {
			set = &kvrwset.KVRWSet{}
			sets[name(write)] = set
			order = append(order, name(write))
		}
		set.Writes = append(set.Writes, &kvrwset.KVWrite{Key: write.Key, Value: write.Value, IsDelete: write.Deleted})
	}
	return func(yield func(string, *kvrwset.KVRWSet) bool) {
		for _, n := range order {
			if !yield(n, sets[n]) {
				return
			}
		}
	}
}

func encode(message proto.Message) []byte {
	encoded, err := proto.Marshal(message)
	if err != nil {
		panic(fmt.Sprintf("blocktest: %v", err)) // a test's text that is not UTF-8
	}
	return encoded
}
