// Package block reads Fabric blocks: which transactions are in one, whether each is valid, and what it wrote.
package block

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// A Write is one key that a transaction wrote or deleted.
type Write struct {
	Namespace  string // the chaincode
	Collection string // of private data; empty: public state
	Key        string
	Value      []byte
	Deleted    bool
}

// A Transaction is one of a block. An envelope that was submitted twice appears twice, the second time invalid.
type Transaction struct {
	Index   int
	ID      string // 64 hex digits; empty where it has no such id, as a configuration
	Valid   bool
	Code    string    // Fabric's validation code
	Time    time.Time // as the client says; zero where it says none
	Writes  []Write
	Private []Write // what the peer holds of the private writes; none of an invalid transaction
}

// Decode reads all transactions of a block, with the private data that came beside it. The writes of an invalid
// transaction are left out, since they did not happen.
func Decode(b *common.Block, private map[uint64]*rwset.TxPvtReadWriteSet) ([]Transaction, error) {
	codes := b.GetMetadata().GetMetadata()
	if len(codes) <= int(common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		return nil, fmt.Errorf("block %d: it has no validation codes", b.GetHeader().GetNumber())
	}
	filter := codes[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	envelopes := b.GetData().GetData()
	if len(filter) != len(envelopes) {
		return nil, fmt.Errorf("block %d: %d validation codes for %d transactions", b.GetHeader().GetNumber(), len(filter), len(envelopes))
	}
	transactions := make([]Transaction, len(envelopes))
	for i, envelope := range envelopes {
		code := peer.TxValidationCode(filter[i])
		transaction, err := decodeEnvelope(envelope, code)
		if err == nil && transaction.Valid {
			transaction.Private, err = privateWrites(private[uint64(i)])
		}
		if err != nil && code == peer.TxValidationCode_VALID {
			return nil, fmt.Errorf("block %d: transaction %d: %w", b.GetHeader().GetNumber(), i, err)
		}
		transaction.Index = i
		transactions[i] = transaction
	}
	return transactions, nil
}

func decodeEnvelope(raw []byte, code peer.TxValidationCode) (Transaction, error) {
	t := Transaction{Valid: code == peer.TxValidationCode_VALID, Code: code.String()}
	payload, header, err := decodeHeader(raw)
	if err != nil {
		return t, err // an invalid transaction may be any bytes
	}
	// An invalid transaction stands in the block with whatever its sender wrote, zero bytes in the id and years that no
	// calendar has: only what is well-formed is passed on.
	if validID(header.GetTxId()) {
		t.ID = header.GetTxId()
	}
	if header.GetTimestamp().CheckValid() == nil {
		t.Time = header.GetTimestamp().AsTime()
	}
	if !t.Valid || common.HeaderType(header.GetType()) != common.HeaderType_ENDORSER_TRANSACTION {
		return t, nil
	}
	var transaction peer.Transaction
	if err := proto.Unmarshal(payload.GetData(), &transaction); err != nil {
		return t, fmt.Errorf("transaction: %w", err)
	}
	for _, action := range transaction.GetActions() {
		writes, err := actionWrites(action)
		if err != nil {
			return t, err
		}
		t.Writes = append(t.Writes, writes...)
	}
	return t, nil
}

func validID(id string) bool {
	decoded, err := hex.DecodeString(id)
	return err == nil && len(decoded) == 32
}

func decodeHeader(raw []byte) (*common.Payload, *common.ChannelHeader, error) {
	var envelope common.Envelope
	if err := proto.Unmarshal(raw, &envelope); err != nil {
		return nil, nil, fmt.Errorf("envelope: %w", err)
	}
	var payload common.Payload
	if err := proto.Unmarshal(envelope.GetPayload(), &payload); err != nil {
		return nil, nil, fmt.Errorf("payload: %w", err)
	}
	var header common.ChannelHeader
	if err := proto.Unmarshal(payload.GetHeader().GetChannelHeader(), &header); err != nil {
		return nil, nil, fmt.Errorf("channel header: %w", err)
	}
	return &payload, &header, nil
}

func actionWrites(action *peer.TransactionAction) ([]Write, error) {
	var payload peer.ChaincodeActionPayload
	if err := proto.Unmarshal(action.GetPayload(), &payload); err != nil {
		return nil, fmt.Errorf("action: %w", err)
	}
	var response peer.ProposalResponsePayload
	if err := proto.Unmarshal(payload.GetAction().GetProposalResponsePayload(), &response); err != nil {
		return nil, fmt.Errorf("proposal response: %w", err)
	}
	var chaincode peer.ChaincodeAction
	if err := proto.Unmarshal(response.GetExtension(), &chaincode); err != nil {
		return nil, fmt.Errorf("chaincode action: %w", err)
	}
	var sets rwset.TxReadWriteSet
	if err := proto.Unmarshal(chaincode.GetResults(), &sets); err != nil {
		return nil, fmt.Errorf("read-write set: %w", err)
	}
	var writes []Write
	for _, set := range sets.GetNsRwset() {
		found, err := decodeWrites(set.GetRwset(), set.GetNamespace(), "")
		if err != nil {
			return nil, err
		}
		writes = append(writes, found...)
	}
	return writes, nil
}

func privateWrites(sets *rwset.TxPvtReadWriteSet) ([]Write, error) {
	var writes []Write
	for _, set := range sets.GetNsPvtRwset() {
		for _, collection := range set.GetCollectionPvtRwset() {
			found, err := decodeWrites(collection.GetRwset(), set.GetNamespace(), collection.GetCollectionName())
			if err != nil {
				return nil, err
			}
			writes = append(writes, found...)
		}
	}
	return writes, nil
}

func decodeWrites(raw []byte, namespace, collection string) ([]Write, error) {
	var set kvrwset.KVRWSet
	if err := proto.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("writes of %s %s: %w", namespace, collection, err)
	}
	writes := make([]Write, 0, len(set.GetWrites()))
	for _, write := range set.GetWrites() {
		writes = append(writes, Write{
			Namespace: namespace, Collection: collection,
			Key: write.GetKey(), Value: write.GetValue(), Deleted: write.GetIsDelete(),
		})
	}
	return writes, nil
}
