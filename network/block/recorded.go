package block

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/tillproof/tillproof/domain/ledger"
)

// A Recorded ticket is one that a valid transaction put on the ledger.
type Recorded struct {
	Key        ledger.TicketKey
	Commitment [32]byte
}

// ReadRecorded gives the tickets that a block records through a chaincode, in the order of the log: by transaction, and in
// it by ticket key.
func ReadRecorded(b *common.Block, chaincode string) ([]Recorded, error) {
	transactions, err := Decode(b, nil)
	if err != nil {
		return nil, err
	}
	var recorded []Recorded
	for _, transaction := range transactions { // an invalid one has no writes
		for _, write := range transaction.Writes {
			key, isRecord := ledger.ParseRecordKey(write.Key)
			if !isRecord || write.Namespace != chaincode || write.Collection != "" || write.Deleted {
				continue
			}
			record, err := ledger.DecodeRecord(write.Value)
			if err != nil {
				return nil, fmt.Errorf("block %d: %s: %w", b.GetHeader().GetNumber(), write.Key, err)
			}
			recorded = append(recorded, Recorded{key, record.Commitment})
		}
	}
	return recorded, nil
}
