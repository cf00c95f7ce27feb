package ledger

import "crypto/sha256"

// UndoID is the id of the entry by which one ticket takes back what another earned, from the ids of their own entries:
// the same undo has the same id, and so happens once.
func UndoID(by, of EntryID) EntryID { return derived("tillproof/v1/undo", by[:], of[:]) }

// GiveBackID is the id of the entry that gives back a part of what was paid with a hold.
func GiveBackID(by EntryID, hold HoldID, part int) EntryID {
	return derived("tillproof/v1/give-back", by[:], hold[:], []byte{byte(part)})
}

// OverdrawnID is the id of the entry for what a ticket paid with beyond a hold.
func OverdrawnID(by EntryID, hold HoldID) EntryID {
	return derived("tillproof/v1/overdrawn", by[:], hold[:])
}

// TransferInID is the id of the entry for a part of a transfer.
func TransferInID(transfer TransferID, part int) EntryID {
	return derived("tillproof/v1/transfer", transfer[:], []byte{byte(part)})
}

// derived is the first 16 bytes of SHA-256(domain ‖ parts); the parts of each domain have fixed lengths.
func derived(domain string, parts ...[]byte) EntryID {
	message := []byte(domain)
	for _, part := range parts {
		message = append(message, part...)
	}
	sum := sha256.Sum256(message)
	return EntryID(sum[:16])
}
