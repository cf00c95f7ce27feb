package ledger

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// A HoldID is the UUID of a redemption without its dashes.
type HoldID [16]byte

// A TransferID is the UUID of a transfer without its dashes.
type TransferID [16]byte

func (id HoldID) String() string     { return hex.EncodeToString(id[:]) }
func (id TransferID) String() string { return hex.EncodeToString(id[:]) }

// BaseTotalsKey is where the totals of many transactions are added up.
const BaseTotalsKey = "s"

// EntryKey is the ledger key of the points entry for an eligible amount that is not folded yet. What takes points away
// stands under a prefix of its own, which spending reads whole.
func EntryKey(account Account, id EntryID, eligible int64) string {
	prefix := CreditPrefix
	if eligible < 0 {
		prefix = DebitPrefix
	}
	return prefix + account.String() + "/" + id.String()
}

// Key is the ledger key of an entry that is not folded yet.
func (e Entry) Key(account Account, id EntryID) string {
	return EntryKey(account, id, min(e.Eligible, e.Points))
}

// FoldedKey is where a points entry stands once it is folded into the head.
func FoldedKey(account Account, id EntryID) string {
	return foldedPrefix + account.String() + "/" + id.String()
}

// CreditRange and DebitRange give the range [from, to) that holds an account's credits or debits not yet folded.
func CreditRange(account Account) (from, to string) { return entryRange(CreditPrefix, account) }

// DebitRange is CreditRange for debits.
func DebitRange(account Account) (from, to string) { return entryRange(DebitPrefix, account) }

func entryRange(prefix string, account Account) (from, to string) {
	return prefix + account.String() + "/", prefix + account.String() + "0"
}

// HeadKey is the ledger key of an account's head.
func HeadKey(account Account) string { return HeadPrefix + account.String() }

// HoldKey is the ledger key of a hold.
func HoldKey(id HoldID) string { return holdPrefix + id.String() }

// TransferKey is the ledger key of a transfer.
func TransferKey(id TransferID) string { return transferPrefix + id.String() }

// LeftKey is the ledger key of what is left of a purchase, by the blind id of its points entry.
func LeftKey(id EntryID) string { return leftPrefix + id.String() }

// ProposalKey is the ledger key of a proposed rule.
func ProposalKey(version uint32) string { return fmt.Sprintf("%s%010d", proposalPrefix, version) }

// MarkerKey is the ledger key that marks an account as erased.
func MarkerKey(account Account) string { return markerPrefix + account.String() }

// RevisionKey is the ledger key of the number of times that a chunk was rewritten.
func RevisionKey(transactionID string, chunk uint8) string {
	return fmt.Sprintf("%s%s/%02x", revisionPrefix, transactionID, chunk)
}

// An EntryPlace says under which prefix an entry stands.
type EntryPlace byte

// The places of an entry: it is written as a credit or a debit, and is moved when it is folded.
const (
	PlaceCredit EntryPlace = 'c'
	PlaceDebit  EntryPlace = 'd'
	PlaceFolded EntryPlace = 'f'
)

// ParseEntryKey reads account and entry id out of a ledger key of an entry that is not folded; ok is false if the key is
// of another kind.
func ParseEntryKey(ledgerKey string) (account Account, id EntryID, ok bool) {
	account, id, place, ok := ParseEntryPlace(ledgerKey)
	return account, id, ok && place != PlaceFolded
}

// ParseEntryPlace reads the ledger key of an entry, folded or not.
func ParseEntryPlace(ledgerKey string) (account Account, id EntryID, place EntryPlace, ok bool) {
	prefix, text, found := strings.Cut(ledgerKey, "/")
	accountText, idText, cut := strings.Cut(text, "/")
	if !found || !cut || len(prefix) != 1 || !strings.Contains("cdf", prefix) {
		return account, id, 0, false
	}
	ok = decodeHex(account[:], accountText, "account") == nil && decodeHex(id[:], idText, "entry id") == nil
	return account, id, EntryPlace(prefix[0]), ok
}

// ParseHeadKey reads the account out of the ledger key of a head.
func ParseHeadKey(ledgerKey string) (account Account, ok bool) {
	ok = parseKey(account[:], ledgerKey, HeadPrefix)
	return account, ok
}

// ParseHoldKey reads the id out of the ledger key of a hold.
func ParseHoldKey(ledgerKey string) (id HoldID, ok bool) {
	ok = parseKey(id[:], ledgerKey, holdPrefix)
	return id, ok
}

// ParseTransferKey reads the id out of the ledger key of a transfer.
func ParseTransferKey(ledgerKey string) (id TransferID, ok bool) {
	ok = parseKey(id[:], ledgerKey, transferPrefix)
	return id, ok
}

func parseKey(into []byte, ledgerKey, prefix string) bool {
	text, found := strings.CutPrefix(ledgerKey, prefix)
	return found && decodeHex(into, text, "key") == nil
}

// ParseEntryID reads an entry id from its 32 hex digits.
func ParseEntryID(text string) (EntryID, error) {
	var id EntryID
	err := decodeHex(id[:], text, "entry id")
	return id, err
}

// ParseHoldID reads a hold id from its 32 hex digits, or from a UUID in lower case.
func ParseHoldID(text string) (HoldID, error) {
	var id HoldID
	err := decodeHex(id[:], withoutDashes(text), "hold id")
	return id, err
}

// ParseTransferID reads a transfer id from its 32 hex digits, or from a UUID in lower case.
func ParseTransferID(text string) (TransferID, error) {
	var id TransferID
	err := decodeHex(id[:], withoutDashes(text), "transfer id")
	return id, err
}

func withoutDashes(text string) string {
	if len(text) == uuidLength {
		return strings.ReplaceAll(text, "-", "")
	}
	return text
}

// EntryKeys gives the three keys under which an entry may stand: as credit, as debit, folded.
func EntryKeys(account Account, id EntryID) [3]string {
	return [3]string{EntryKey(account, id, 0), EntryKey(account, id, -1), FoldedKey(account, id)}
}
