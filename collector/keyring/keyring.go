// Package keyring keeps the retailer's secret keys in files, outside PostgreSQL: a copy of the database alone joins no
// ticket to a member and opens no sealed body. It is backed up apart, and a member is forgotten by destroying one file.
//
//	ticket.key               the key that ticket keys are derived under, 32 bytes
//	content.key              the key that contents of tickets are compared under, 32 bytes
//	member-index.key         the key that file names under members/ are derived under, 32 bytes
//	log/operator.key         the key that the log's checkpoints are signed with, Ed25519 seed, 32 bytes
//	log/operator.pub         its public half, for those who verify (see package checkpoint)
//	member-code.key          the key of the codes that members show at tills, shared with the query server, 32 bytes
//	periods/2026-11          the sealing keys of a month: trade 32, person 32
//	members/ab/<hex>         a member: key id 16, account 16, sealing key 32; the name is HMAC(member-index, loyalty id).
//	                         Empty while the member is being forgotten
//	member-keys/ab/<key id>  the same file under a second name, for who has only the key id
//
// A file appears whole or not at all, is on the disk before its key is used, and is never written again, but destroyed
// (forget.go); several collectors may share the folder, and each sees at once what another one destroys.
package keyring

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
)

// A Keyring is safe for concurrent use.
type Keyring struct {
	dir                          string
	ticket, content, memberIndex []byte

	mu      sync.Mutex
	periods map[sealed.Period]Period
	members map[string]Member // by loyalty id
	byKeyID map[string]Member

	operator *checkpoint.Signer // of the log
}

// maxCached bounds the members held in memory, some 20 MB.
const maxCached = 100_000

// Open opens the keyring in a folder, and makes the keys that every retailer has if they are not there.
func Open(dir string) (*Keyring, error) {
	k := &Keyring{
		dir:     dir,
		periods: make(map[sealed.Period]Period),
		members: make(map[string]Member),
		byKeyID: make(map[string]Member),
	}
	for name, key := range map[string]*[]byte{"ticket.key": &k.ticket, "content.key": &k.content, "member-index.key": &k.memberIndex} {
		var err error
		if *key, err = readOrCreate(filepath.Join(dir, name), 32); err != nil {
			return nil, fmt.Errorf("open keyring: %w", err)
		}
	}
	return k, nil
}

// TicketKey derives the ledger key of a ticket.
func (k *Keyring) TicketKey(retailerID, storeID, workstationID, businessDay string, sequenceNumber int64) [32]byte {
	return ledger.TillNumber{
		RetailerID:     retailerID,
		StoreID:        storeID,
		WorkstationID:  workstationID,
		BusinessDay:    businessDay,
		SequenceNumber: sequenceNumber,
	}.Key(k.ticket)
}

// Reference derives what stands for a transaction id in commitments.
func (k *Keyring) Reference(retailerID, transactionID string) [32]byte {
	return ledger.Reference(k.ticket, retailerID, transactionID)
}

// ContentMAC is what the hot state keeps to recognise the same content again. It is keyed, so that it cannot confirm a
// guess at a ticket.
func (k *Keyring) ContentMAC(canonical []byte) []byte {
	mac := hmac.New(sha256.New, k.content)
	mac.Write(canonical)
	return mac.Sum(nil)
}

// readOrCreate reads a file of so many bytes, or makes it with random content.
func readOrCreate(path string, size int) ([]byte, error) {
	content, err := readKey(path, size)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	content = make([]byte, size)
	rand.Read(content)
	temporary, err := writeTemporary(path, content)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary)
	switch err := os.Link(temporary, path); {
	case err == nil:
		return content, syncFolder(filepath.Dir(path))
	case errors.Is(err, fs.ErrExist): // another collector was quicker
		return readKey(path, size)
	default:
		return nil, err
	}
}

func readKey(path string, size int) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(content) != size {
		return nil, fmt.Errorf("key file %s has %d bytes, it must have %d: restore it from its backup", path, len(content), size)
	}
	return content, nil
}

const temporaryPrefix = ".new-"

// writeTemporary writes a file beside path, and to the disk, for a link to give it its name.
func writeTemporary(path string, content []byte) (name string, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(filepath.Dir(path), temporaryPrefix+"*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
