package contract

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
)

// A slip is a ticket in the making: what the tests say of one.
type slip struct {
	number  int
	member  byte // 0: none
	day     string
	cents   int // sold
	returns []returned
	voids   *slip
	paid    []paid
}

type returned struct {
	of    *slip
	cents int // > 0
}

type paid struct {
	hold   string
	points int // negative: given back
}

// account is the pseudonym of a member of the tests.
func accountOf(member byte) ledger.Account { return ledger.Account{member} }

func uuid(number int) string { return fmt.Sprintf("018f3e6a-0000-7000-8000-%012d", number) }

func reference(transactionID string) [32]byte { return sha256.Sum256([]byte(transactionID)) }

func (s *slip) grand() int {
	if s.voids != nil {
		return -s.voids.grand()
	}
	grand := s.cents
	for _, r := range s.returns {
		grand -= r.cents
	}
	return grand
}

// json writes the slip as a ticket.
func (s *slip) json() string {
	var lines, tenders []string
	line := func(cents int, rest string) {
		quantity := 1
		if cents < 0 {
			quantity = -1
		}
		lines = append(lines, fmt.Sprintf(`{"sequenceNumber":%d,"itemId":"A","quantity":"%d","extendedAmount":%d%s}`, len(lines)+1, quantity, cents, rest))
	}
	links := ""
	kind := "Sale"
	switch {
	case s.voids != nil:
		kind = "PostVoid"
		links = `"transactionLinks":[{"transactionId":"` + uuid(s.voids.number) + `"}],`
		line(s.grand(), "")
	default:
		if s.cents != 0 || len(s.returns) == 0 {
			line(s.cents, "")
		}
		for _, r := range s.returns {
			line(-r.cents, `,"returnOf":{"transactionId":"`+uuid(r.of.number)+`"}`)
		}
		if s.grand() < 0 && s.cents <= 0 {
			kind = "Return"
		}
	}
	cash := s.grand()
	for _, p := range s.paid {
		tenders = append(tenders, fmt.Sprintf(`{"tenderType":"Points","amount":%d,"reference":"%s"}`, p.points, p.hold))
		cash -= p.points
	}
	tenders = append(tenders, fmt.Sprintf(`{"tenderType":"Cash","amount":%d}`, cash))
	loyalty := ""
	if s.member != 0 {
		loyalty = fmt.Sprintf(`"loyaltyId":"member %d",`, s.member)
	}
	day := s.day
	if day == "" {
		day = "2026-03-01"
	}
	return fmt.Sprintf(`{"schemaVersion":"1","transactionId":"%s","transactionType":"%s",%s"storeId":"1","workstationId":"1",
		"sequenceNumber":%d,"businessDayDate":"%s","endDateTime":"%sT10:00:00Z",%s"currencyCode":"EUR","totals":{"grand":%d},
		"lineItems":[%s],"tenders":[%s]}`, uuid(s.number), kind, links, s.number, day, day, loyalty, s.grand(),
		strings.Join(lines, ","), strings.Join(tenders, ","))
}

func (s *slip) key() ledger.TicketKey {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(s.number))
	return sha256.Sum256(number[:]) // keys do not follow the order of numbers
}

// build commits the slip, and opens it.
func (s *slip) build(t testing.TB) (root [32]byte, opening *commitment.Opening) {
	t.Helper()
	decoded, err := ticket.Decode([]byte(s.json()))
	if err != nil {
		t.Fatalf("%v in %s", err, s.json())
	}
	secrets := commitment.Derive([32]byte{byte(s.number), byte(s.number >> 8), byte(s.number >> 16)})
	facts := commitment.Facts{RetailerID: "main", Reference: reference}
	if s.member != 0 {
		facts.Account = accountOf(s.member)
	}
	tree, err := commitment.Build(decoded, facts, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return tree.Root(), tree.Open(decoded, facts, secrets)
}

// submission is the slip as the collector submits it: with its originals.
func (s *slip) submission(t testing.TB) ledger.Submission {
	t.Helper()
	root, opening := s.build(t)
	submission := ledger.Submission{Key: s.key(), Commitment: root, Sealed: fmt.Appendf(nil, "body %d", s.number)}
	if s.member != 0 || len(opening.Undoes) > 0 || len(opening.Redemptions) > 0 {
		submission.Points, submission.Originals = opening, s.originals(t, 2)
	}
	return submission
}

// alone is the submission without originals, as when the collector does not know them.
func (s *slip) alone(t testing.TB) ledger.Submission {
	t.Helper()
	submission := s.submission(t)
	submission.Originals = nil
	return submission
}

func (s *slip) originals(t testing.TB, depth int) []*ledger.Original {
	t.Helper()
	if depth == 0 {
		return nil
	}
	var originals []*ledger.Original
	add := func(of *slip) {
		_, opening := of.build(t)
		originals = append(originals, &ledger.Original{Key: of.key(), Opening: opening, Originals: of.originals(t, depth-1)})
	}
	if s.voids != nil {
		add(s.voids)
		return originals
	}
	named := make(map[*slip]bool)
	for _, r := range s.returns {
		if !named[r.of] {
			named[r.of] = true
			add(r.of)
		}
	}
	return originals
}
