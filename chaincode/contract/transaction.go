package contract

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// A transaction judges one call. It is free of any input or output but the world it reads: the same call in the same
// world gives the same writes at both organisations. It sees its own writes, which Fabric's reads do not show.
type transaction struct {
	world   world
	id      ledger.TransactionID
	now     time.Time         // the transaction's, which a client may shift by a quarter of an hour
	known   map[string][]byte // read or written so far
	public  []keyValue        // writes, each key once
	written map[string]int    // key → its index in public
	private []keyValue        // of the bodies' collection; a nil value purges
	totals  ledger.Totals
}

// begin opens the transaction that a peer asks us to judge.
func begin(stub shim.ChaincodeStubInterface) (*transaction, error) {
	id, err := ledger.ParseTransactionID(stub.GetTxID())
	if err != nil {
		return nil, err
	}
	at, err := stub.GetTxTimestamp()
	if err != nil {
		return nil, fmt.Errorf("read the transaction's time: %w", err)
	}
	return newTransaction(peerState{stub}, id, at.AsTime()), nil
}

func newTransaction(w world, id ledger.TransactionID, now time.Time) *transaction {
	return &transaction{
		world: w, id: id, now: now.UTC(), known: make(map[string][]byte), written: make(map[string]int),
	}
}

// fetch reads the keys that are not known yet, all at once.
func (t *transaction) fetch(keys ...string) error {
	var missing []string
	for _, key := range keys {
		if _, known := t.known[key]; !known {
			t.known[key] = nil
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	values, err := t.world.Get(missing...)
	if err != nil {
		return err
	}
	for i, key := range missing {
		t.known[key] = values[i]
	}
	return nil
}

// get reads a key, nil if there is nothing.
func (t *transaction) get(key string) ([]byte, error) {
	if err := t.fetch(key); err != nil {
		return nil, err
	}
	return t.known[key], nil
}

// any tells whether there is something under one of the keys.
func (t *transaction) any(keys ...string) (bool, error) {
	if err := t.fetch(keys...); err != nil {
		return false, err
	}
	for _, key := range keys {
		if t.known[key] != nil {
			return true, nil
		}
	}
	return false, nil
}

func (t *transaction) put(key string, value []byte) {
	t.known[key] = value
	if at, again := t.written[key]; again {
		t.public[at].value = value
		return
	}
	t.written[key] = len(t.public)
	t.public = append(t.public, keyValue{key, value})
}

func (t *transaction) delete(key string) { t.put(key, nil) }

// finish leaves the totals that the transaction changes under a key of its own: one key for all would make any two
// transactions collide.
func (t *transaction) finish() {
	if t.totals != (ledger.Totals{}) {
		t.put(ledger.TotalsKey(t.id.String()), t.totals.Encode())
	}
}

// programme reads the rules, by key, so that a change of them invalidates the transactions in flight.
func (t *transaction) programme() (points.Programme, error) {
	value, err := t.get(ledger.ProgrammeKey)
	if err != nil {
		return nil, err
	}
	return ledger.DecodeProgramme(value)
}

// addEntry writes an entry that must be new, and counts it in the totals.
func (t *transaction) addEntry(account ledger.Account, id ledger.EntryID, entry ledger.Entry) error {
	there := ledger.EntryKeys(account, id)
	taken, err := t.any(there[:]...)
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("points entry %s exists already: entries are never replaced", id)
	}
	return t.putEntry(account, id, entry)
}

func (t *transaction) putEntry(account ledger.Account, id ledger.EntryID, entry ledger.Entry) error {
	value, err := entry.Encode()
	if err != nil {
		return err
	}
	t.put(entry.Key(account, id), value)
	switch entry.Kind {
	case ledger.GivenBack, ledger.Overdrawn:
		t.totals.Redeemed -= entry.Points
	case ledger.TransferIn: // out of one account and into another
	default:
		if entry.Points < 0 {
			t.totals.Debited -= entry.Points
		} else {
			t.totals.Issued += entry.Points
		}
	}
	return nil
}

// entry finds an entry wherever it stands, nil if there is none.
func (t *transaction) entry(account ledger.Account, id ledger.EntryID) (*ledger.Entry, error) {
	places := ledger.EntryKeys(account, id)
	if err := t.fetch(places[:]...); err != nil {
		return nil, err
	}
	for _, key := range places {
		if value := t.known[key]; value != nil {
			entry, err := ledger.DecodeEntry(value)
			return &entry, err
		}
	}
	return nil, nil
}

// forgotten tells whether an account was erased.
func (t *transaction) forgotten(account ledger.Account) (bool, error) {
	return t.any(ledger.MarkerKey(account))
}
