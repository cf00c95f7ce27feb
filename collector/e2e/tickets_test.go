package e2e_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
)

// newAccount is a pseudonym nobody has.
func newAccount() (account ledger.Account) {
	rand.Read(account[:])
	return account
}

// newTicket commits a ticket of an account over so many cents, negative for a return that names no sale.
func newTicket(t *testing.T, account ledger.Account, cents int) ledger.Submission {
	t.Helper()
	kind, quantity := "Sale", 1
	if cents < 0 {
		kind, quantity = "Return", -1
	}
	decoded, err := ticket.Decode(fmt.Appendf(nil, `{"schemaVersion":"1","transactionId":"%s","transactionType":"%s","storeId":"e2e",
		"workstationId":"1","sequenceNumber":1,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:00:00Z","loyaltyId":"e2e",
		"currencyCode":"EUR","totals":{"grand":%d},"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"%d","extendedAmount":%d}]}`,
		uuid.NewString(), kind, cents, quantity, cents))
	if err != nil {
		t.Fatal(err)
	}
	var seed [32]byte
	s := ledger.Submission{Sealed: []byte("nobody's")}
	rand.Read(seed[:])
	rand.Read(s.Key[:])
	facts := commitment.Facts{RetailerID: "e2e", Account: account, Reference: func(string) [32]byte { return seed }}
	secrets := commitment.Derive(seed)
	tree, err := commitment.Build(decoded, facts, secrets)
	if err != nil {
		t.Fatal(err)
	}
	s.Commitment, s.Points = tree.Root(), tree.Open(decoded, facts, secrets)
	return s
}

// nobodys is a lot that opens with no key: the projector passes over it.
var nobodys = []byte("nobody's")

// batchOf packs up to fifty tickets for the transient field.
func batchOf(t *testing.T, tickets ...ledger.Submission) map[string][]byte {
	t.Helper()
	return batchWith(t, nobodys, tickets...)
}

func batchWith(t *testing.T, lot []byte, tickets ...ledger.Submission) map[string][]byte {
	t.Helper()
	slices.SortFunc(tickets, func(a, b ledger.Submission) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	encoded, err := ledger.EncodeBatch(ledger.Batch{Submissions: tickets, Lots: [][]byte{lot}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{ledger.TransientBatch: encoded}
}
