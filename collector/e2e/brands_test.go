package e2e_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/network/material"
)

// A canary is a text that can stand nowhere but where it was let out.
func canary(of string) string {
	text := rand.Text()
	return (of + text)[:20]
}

// A marked ticket carries canaries wherever a ticket has text, and a transaction id that can be guessed.
type marked struct {
	canaries map[string]string // what it is → the text
	id       uuid.UUID         // version 5, of store and number
	ledger.Submission
	lot []byte
}

// newMarked seals a ticket as the collector does, under keys of its own that no collector has.
func newMarked(t *testing.T, c channel) marked {
	t.Helper()
	c.period(t)
	m := marked{canaries: make(map[string]string)}
	for _, of := range []string{"store", "till", "item", "description", "member", "operator", "reference"} {
		m.canaries[of] = canary(of[:2])
	}
	m.id = uuid.NewSHA1(uuid.NameSpaceURL, []byte(m.canaries["store"]+"/1"))
	whole, err := ticket.Decode(fmt.Appendf(nil, `{"schemaVersion":"1","transactionId":"%s","transactionType":"Sale","storeId":"%s",
		"workstationId":"%s","sequenceNumber":1,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:00:00Z","operatorId":"%s",
		"loyaltyId":"%s","currencyCode":"EUR","lineItems":[{"sequenceNumber":1,"itemId":"%s","description":"%s","quantity":"1",
		"extendedAmount":1000}],"totals":{"grand":1000},"tenders":[{"tenderType":"Card","amount":1000,"reference":"%s"}]}`,
		m.id, m.canaries["store"], m.canaries["till"], m.canaries["operator"], m.canaries["member"], m.canaries["item"],
		m.canaries["description"], m.canaries["reference"]))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m.Submission, m.lot = seal(t, keys, whole)
	return m
}

func seal(t *testing.T, keys *keyring.Keyring, whole *ticket.Ticket) (s ledger.Submission, lot []byte) {
	t.Helper()
	period := sealed.PeriodOf(time.Now())
	periodKeys, err := keys.Period(period)
	if err != nil {
		t.Fatal(err)
	}
	member, err := keys.Member(whole.LoyaltyID)
	if err != nil {
		t.Fatal(err)
	}
	var seed [32]byte
	rand.Read(seed[:])
	secrets := commitment.Derive(seed)
	facts := commitment.Facts{RetailerID: "main", Account: member.Account,
		Reference: func(id string) [32]byte { return keys.Reference("main", id) }}
	tree, err := commitment.Build(whole, facts, secrets)
	if err != nil {
		t.Fatal(err)
	}
	s = ledger.Submission{
		Key:        keys.TicketKey("main", whole.StoreID, whole.WorkstationID, string(whole.BusinessDayDate), whole.SequenceNumber),
		Commitment: tree.Root(), Points: tree.Open(whole, facts, secrets),
	}
	trade, person := sealed.Split(whole, facts, secrets, member.KeyID)
	lot, persons, err := sealed.SealLot(period, periodKeys.Trade, []sealed.Parts{{Trade: trade, Person: person, PersonKey: member.Key}})
	if err != nil {
		t.Fatal(err)
	}
	s.Sealed = persons[0]
	return s, lot
}

// forbidden are the bytes that must not be found: every text, and what anybody could compute from what can be guessed.
func (m *marked) forbidden() map[string][]byte {
	needles := make(map[string][]byte)
	for of, text := range m.canaries {
		needles[of] = []byte(text)
	}
	needles["transaction id"] = []byte(m.id.String())
	needles["transaction id, bytes"] = m.id[:]
	for of, text := range map[string]string{
		"transaction id": m.id.String(), "transaction id, bytes": string(m.id[:]), "store": m.canaries["store"], "member": m.canaries["member"],
	} {
		sum := sha256.Sum256([]byte(text))
		needles["hash of "+of] = sum[:]
		needles["hash of "+of+", hex"] = []byte(hex.EncodeToString(sum[:]))
	}
	return needles
}

// visible are bytes that BrandsMSP does hold: were they not found, the search would prove nothing.
func (m *marked) visible() map[string][]byte {
	return map[string][]byte{
		"ticket key": []byte(m.Key.String()), "commitment": m.Commitment[:],
		"pseudonym": []byte(ledger.Account(m.Points.Account).String()), "trade part": m.lot, "person part": m.Sealed,
	}
}

// From all that BrandsMSP's peer keeps on its disk (state, blocks, private data, transient store) and logs, nothing of a
// ticket can be learnt but what docs/ledger.md says.
func TestBrandsMSPHoldsNoTextOfATicketNorAHashOfWhatCanBeGuessed(t *testing.T) {
	retail := connect(t, material.Collector, material.Retail)
	m := newMarked(t, retail)
	if _, err := retail.until(t.Context(), "RecordTickets", "", batchWith(t, m.lot, m.Submission)); err != nil {
		t.Fatal(err)
	}
	connect(t, material.BrandsAuditor, material.Brands).body(t, m.Key, string(sealed.Compose(m.lot, 0, m.Sealed))) // waits until the peer has it all
	wanted, found := m.visible(), make(map[string]string)
	for name, needle := range m.forbidden() {
		wanted["forbidden: "+name] = needle
	}
	for _, file := range brandsFiles(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // a database drops files as it works
		}
		for name, needle := range wanted {
			if bytes.Contains(content, needle) {
				found[name] = file
			}
		}
	}
	for name := range wanted {
		file, there := found[name]
		if forbidden := strings.HasPrefix(name, "forbidden"); there == forbidden {
			t.Errorf("%s: found %v (%s)", name, there, file)
		}
	}
}

// brandsFiles are the files of BrandsMSP's peer and chaincode.
func brandsFiles(t *testing.T) (files []string) {
	t.Helper()
	run := filepath.Dir(os.Getenv("TILLPROOF_E2E_ENV"))
	for _, root := range []string{filepath.Join(run, "fabric", "brands"), filepath.Join(run, "log")} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && (root != filepath.Join(run, "log") || strings.Contains(entry.Name(), "brands")) {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// period sees to it that the collector has a key of this month: for want of one it would wait, where a body that does not
// open it passes over.
func (c channel) period(t *testing.T) {
	t.Helper()
	keys, err := keyring.Open(c.keys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Period(sealed.PeriodOf(time.Now())); err != nil {
		t.Fatal(err)
	}
}
