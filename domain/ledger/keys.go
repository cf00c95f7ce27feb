package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// A TicketKey stands for one number of one till on one day, and says nothing of them to who lacks the retail key.
type TicketKey [32]byte

// An Account is the random pseudonym of a member.
type Account [16]byte

// An EntryID is the blind name of a points entry.
type EntryID [16]byte

func (k TicketKey) String() string { return hex.EncodeToString(k[:]) }
func (a Account) String() string   { return hex.EncodeToString(a[:]) }
func (id EntryID) String() string  { return hex.EncodeToString(id[:]) }

// Bodies is the name of the private collection.
const Bodies = "bodies"

// ProgrammeKey is where the points programme stands.
const ProgrammeKey = "p"

// Prefixes of the public keys; an end is the first key behind its prefix, for range reads ('0' follows '/').
const (
	RecordPrefix = "t/"
	RecordEnd    = "t0"
	CreditPrefix = "c/"
	CreditEnd    = "c0"
	DebitPrefix  = "d/"
	DebitEnd     = "d0"
	HeadPrefix   = "h/"
	HeadEnd      = "h0"
	TotalsPrefix = "s/"
	TotalsEnd    = "s0"

	foldedPrefix   = "f/"
	holdPrefix     = "q/"
	transferPrefix = "x/"
	leftPrefix     = "u/"
	proposalPrefix = "r/"
	markerPrefix   = "e/"
	revisionPrefix = "w/"
)

// TillNumber is what makes a ticket the till's own: no till uses a sequence number twice on a business day.
type TillNumber struct {
	RetailerID     string
	StoreID        string
	WorkstationID  string
	BusinessDay    string // YYYY-MM-DD
	SequenceNumber int64
}

// Key derives the ticket key under the retailer's secret key.
func (n TillNumber) Key(retailKey []byte) TicketKey {
	mac := hmac.New(sha256.New, retailKey)
	message := appendFields([]byte("tillproof/v1/ticket"), n.RetailerID, n.StoreID, n.WorkstationID, n.BusinessDay)
	message = binary.BigEndian.AppendUint64(message, uint64(n.SequenceNumber))
	mac.Write(message)
	return TicketKey(mac.Sum(nil))
}

// Reference derives what stands for a transaction id of a retailer in commitments.
func Reference(retailKey []byte, retailerID, transactionID string) [32]byte {
	mac := hmac.New(sha256.New, retailKey)
	mac.Write(appendFields([]byte("tillproof/v1/reference"), retailerID, transactionID))
	return [32]byte(mac.Sum(nil))
}

// appendFields appends texts so that no two lists of them give the same bytes.
func appendFields(dst []byte, fields ...string) []byte {
	for _, field := range fields {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(field)))
		dst = append(dst, field...)
	}
	return dst
}

// RecordKey is the ledger key of a ticket's public record.
func RecordKey(k TicketKey) string { return RecordPrefix + k.String() }

// TotalsKey is where a transaction leaves what it adds to the totals.
func TotalsKey(transactionID string) string { return TotalsPrefix + transactionID }

// ChunkKey is the key, in the private collection, of one chunk of sealed bodies.
func ChunkKey(transactionID string, chunk uint8) string {
	return fmt.Sprintf("b/%s/%02x", transactionID, chunk)
}

// RewrittenChunkKey is the key of a chunk that erasure has rewritten; revision 0 is the chunk as it was recorded.
func RewrittenChunkKey(transactionID string, chunk uint8, revision uint16) string {
	if revision == 0 {
		return ChunkKey(transactionID, chunk)
	}
	return fmt.Sprintf("%s/%04x", ChunkKey(transactionID, chunk), revision)
}

// ParseTicketKey reads a ticket key from its 64 hex digits.
func ParseTicketKey(text string) (TicketKey, error) {
	var key TicketKey
	return key, decodeHex(key[:], text, "ticket key")
}

// ParseAccount reads an account from its 32 hex digits.
func ParseAccount(text string) (Account, error) {
	var account Account
	return account, decodeHex(account[:], text, "account")
}

// ParseRecordKey reads the ticket key out of a ledger key; ok is false if the key is not that of a record.
func ParseRecordKey(ledgerKey string) (key TicketKey, ok bool) {
	text, found := strings.CutPrefix(ledgerKey, RecordPrefix)
	if !found {
		return key, false
	}
	return key, decodeHex(key[:], text, "ticket key") == nil
}

// ParseChunkKey reads transaction and chunk out of the private key of a chunk as it was recorded; ok is false for other keys.
func ParseChunkKey(key string) (transactionID string, chunk uint8, ok bool) {
	var number [1]byte
	text, found := strings.CutPrefix(key, "b/")
	id, rest, _ := strings.Cut(text, "/")
	if !found || decodeHex(number[:], rest, "chunk") != nil {
		return "", 0, false
	}
	return id, number[0], true
}

func decodeHex(into []byte, text, what string) error {
	if len(text) != 2*len(into) || strings.ToLower(text) != text {
		return fmt.Errorf("%s: want %d lower-case hex digits, got %d characters", what, 2*len(into), len(text))
	}
	if _, err := hex.Decode(into, []byte(text)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
