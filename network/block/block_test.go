package block_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

var (
	id   = strings.Repeat("ab", 32)
	noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
)

func decode(t *testing.T, transactions ...blocktest.Transaction) []block.Transaction {
	t.Helper()
	built := blocktest.Build(7, transactions...)
	decoded, err := block.Decode(built.GetBlock(), built.GetPrivateDataMap())
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// A projection once lost the writes of all namespaces but the last.
func TestDecodeSeesEveryNamespace(t *testing.T) {
	public := []block.Write{
		{Namespace: "_lifecycle", Key: "namespaces/fields/x", Value: []byte("1")},
		{Namespace: "tickets", Key: "a", Value: []byte("2")},
		{Namespace: "tickets", Key: "b", Deleted: true},
		{Namespace: "zoo", Key: "c", Value: []byte("3")},
	}
	private := []block.Write{
		{Namespace: "tickets", Collection: "bodies", Key: "d", Value: []byte("4")},
		{Namespace: "tickets", Collection: "others", Key: "e", Value: []byte("5")},
	}
	got := decode(t, blocktest.Transaction{ID: id, Time: noon, Writes: public, Private: private})
	want := block.Transaction{ID: id, Valid: true, Code: "VALID", Time: noon, Writes: public, Private: private}
	if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeKeepsInvalidAndDuplicateTransactionsWithoutWrites(t *testing.T) {
	writes := []block.Write{{Namespace: "tickets", Key: "a", Value: []byte("1")}}
	got := decode(t,
		blocktest.Transaction{ID: id, Time: noon, Writes: writes},
		blocktest.Transaction{ID: id, Time: noon, Writes: writes, Private: writes, Code: peer.TxValidationCode_DUPLICATE_TXID},
		blocktest.Transaction{ID: id, Time: noon, Writes: writes, Code: peer.TxValidationCode_MVCC_READ_CONFLICT},
		blocktest.Transaction{Time: noon, Config: true})
	for i, want := range []struct {
		code   string
		valid  bool
		writes int
	}{{"VALID", true, 1}, {"DUPLICATE_TXID", false, 0}, {"MVCC_READ_CONFLICT", false, 0}, {"VALID", true, 0}} {
		if got[i].Index != i || got[i].Code != want.code || got[i].Valid != want.valid ||
			len(got[i].Writes) != want.writes || len(got[i].Private) != 0 {
			t.Errorf("transaction %d: got %+v, want %+v", i, got[i], want)
		}
	}
}

// What a peer refuses stands in the block all the same, with whatever its sender wrote.
func TestDecodeBearsAnyInvalidTransaction(t *testing.T) {
	hostile := []blocktest.Transaction{
		{Raw: []byte("no envelope at all")},
		{Raw: []byte{}},
		{ID: "\x00", Time: noon},
		{ID: strings.Repeat("z", 64), Time: noon},
		{ID: id, Time: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).AddDate(100_000, 0, 0)},
	}
	for i := range hostile {
		hostile[i].Code = peer.TxValidationCode_BAD_PROPOSAL_TXID
	}
	for i, transaction := range decode(t, hostile...) {
		if transaction.Valid || transaction.Code != "BAD_PROPOSAL_TXID" {
			t.Errorf("transaction %d is said to be %s", i, transaction.Code)
		}
		if transaction.ID != "" && transaction.ID != id {
			t.Errorf("transaction %d: id %q is passed on", i, transaction.ID)
		}
		if !transaction.Time.IsZero() && !transaction.Time.Equal(noon) {
			t.Errorf("transaction %d: time %v is passed on", i, transaction.Time)
		}
	}
}

func TestDecodeRefusesWhatItCannotTrust(t *testing.T) {
	whole := func() *peer.BlockAndPrivateData {
		return blocktest.Build(7, blocktest.Transaction{ID: id, Time: noon})
	}
	filter := common.BlockMetadataIndex_TRANSACTIONS_FILTER
	for name, broken := range map[string]func(*peer.BlockAndPrivateData){
		"no metadata":           func(b *peer.BlockAndPrivateData) { b.Block.Metadata = nil },
		"no codes":              func(b *peer.BlockAndPrivateData) { b.Block.Metadata.Metadata[filter] = nil },
		"fewer codes":           func(b *peer.BlockAndPrivateData) { b.Block.Data.Data = append(b.Block.Data.Data, nil) },
		"valid, but unreadable": func(b *peer.BlockAndPrivateData) { b.Block.Data.Data[0] = []byte("no envelope at all") },
	} {
		b := whole()
		broken(b)
		if _, err := block.Decode(b.GetBlock(), b.GetPrivateDataMap()); err == nil || !strings.Contains(err.Error(), "block 7") {
			t.Errorf("%s: got error %v, want one that names the block", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("no envelope at all"), byte(0))
	f.Add(blocktest.Build(7, blocktest.Transaction{ID: id, Time: noon,
		Writes: []block.Write{{Namespace: "tickets", Key: "a", Value: []byte("1")}}}).GetBlock().GetData().GetData()[0], byte(0))
	f.Fuzz(func(t *testing.T, envelope []byte, code byte) {
		built := blocktest.Build(7, blocktest.Transaction{Raw: append([]byte{}, envelope...), Code: peer.TxValidationCode(code)})
		decoded, err := block.Decode(built.GetBlock(), nil)
		if err != nil && code != 0 {
			t.Errorf("an invalid transaction stops the reader: %v", err)
		}
		if err == nil && len(decoded) != 1 {
			t.Errorf("%d transactions out of one", len(decoded))
		}
	})
}
