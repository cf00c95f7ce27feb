package projector

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/originals"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// An openedTicket is a ticket's row and, while the keys still tell them, the blind name of its points entry, its member's
// account, and the holds that it names.
type openedTicket struct {
	hotstate.ProjectedTicket
	entry   *ledger.EntryID
	account ledger.Account
	holds   []ledger.HoldID
	undoes  []string // transaction ids
	voids   bool     // it voids what it undoes
}

var (
	errCommitment = errors.New("the body does not belong to the commitment on the ledger")

	// errNoKey says that a key could not be had. That is no fault of the body, and passes when the key is there again.
	errNoKey = errors.New("a sealing key is not to be had")
)

// An opening is what came of opening one body.
type opening struct {
	openedTicket
	err error
}

// openAll opens bodies on all processors, and gives what came of each in their order.
func (p *Projector) openAll(records []recordWrite, bodies []foundBody) []opening {
	opened := make([]opening, len(records))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(records)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(records)); i = next.Add(1) - 1 {
				runtime.Gosched() // a till's request does not wait for the whole block
				opened[i].openedTicket, opened[i].err = p.open(records[i], &bodies[i])
			}
		})
	}
	workers.Wait()
	return opened
}

// open makes a ticket's row from its body, which it checks against the commitment.
func (p *Projector) open(recorded recordWrite, found *foundBody) (openedTicket, error) {
	contents, err := found.contents, found.err
	switch {
	case err != nil:
	case found.remembered:
		err = p.withoutForgotten(&contents)
	default:
		contents, err = p.unseal(recorded.key, found.sealed)
	}
	if err != nil {
		return openedTicket{}, err
	}
	if contents.Root != recorded.Commitment {
		return openedTicket{}, errCommitment
	}
	opened := openedTicket{ProjectedTicket: row(recorded, contents.Trade)}
	opened.Opening = proofOpening(contents)
	opened.undoes, opened.voids = originals.Undone(contents.Trade.Ticket), contents.Trade.Ticket.VoidOf != ""
	if contents.Person == nil {
		return opened, nil // erased: sales and proofs remain
	}
	return opened, addPerson(&opened, contents.Trade, *contents.Person)
}

// withoutForgotten leaves out the person of a remembered body whose member was forgotten since it was sealed.
func (p *Projector) withoutForgotten(contents *unsealed.Contents) error {
	if contents.Trade.PersonKey == "" {
		return nil
	}
	_, err := p.keys.MemberByKeyID(contents.Trade.PersonKey)
	if errors.Is(err, keyring.ErrForgotten) {
		contents.Person = nil
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNoKey, err)
	}
	return nil
}

// unseal decrypts a body.
func (p *Projector) unseal(key ledger.TicketKey, body sealed.Body) (unsealed.Contents, error) {
	keys, err := p.keys.PeriodToOpen(body.Period)
	if err != nil {
		return unsealed.Contents{}, fmt.Errorf("%w: %w", errNoKey, err)
	}
	trade, err := body.OpenTrade(key, keys.Trade)
	if err != nil {
		return unsealed.Contents{}, err
	}
	tree, err := trade.Tree(func(id string) [32]byte { return p.keys.Reference(trade.RetailerID, id) })
	if err != nil {
		return unsealed.Contents{}, err
	}
	contents := unsealed.Contents{Root: tree.Root(), Fixed: tree.Fixed(), Trade: trade}
	person, err := p.openPerson(key, body, trade, keys)
	if errors.Is(err, keyring.ErrForgotten) || errors.Is(err, sealed.ErrKey) {
		return contents, nil
	}
	if err != nil {
		return unsealed.Contents{}, err
	}
	contents.Person = &person
	return contents, checkPerson(trade, person)
}

// checkPerson makes sure that the person part is the one that the trade part, and so the commitment, has the leaves of.
func checkPerson(trade sealed.Trade, person sealed.Person) error {
	whole, err := sealed.Join(trade, person)
	if err != nil {
		return err
	}
	got, want := commitment.HashPerson(whole, person.Account, person.Secret), trade.PersonLeaves
	if got.Account != want.Account || got.EntryID != want.EntryID || got.Redemptions != want.Redemptions ||
		!slices.Equal(got.Others, want.Others) {
		return errCommitment
	}
	return nil
}

func (p *Projector) openPerson(key ledger.TicketKey, body sealed.Body, trade sealed.Trade, keys keyring.Period) (sealed.Person, error) {
	if trade.PersonKey == "" {
		return body.OpenPerson(key, keys.Person)
	}
	member, err := p.keys.MemberByKeyID(trade.PersonKey)
	if err != nil && !errors.Is(err, keyring.ErrForgotten) {
		err = fmt.Errorf("%w: %w", errNoKey, err)
	}
	if err != nil {
		return sealed.Person{}, err
	}
	return body.OpenPerson(key, member.Key)
}

func row(recorded recordWrite, trade sealed.Trade) hotstate.ProjectedTicket {
	t := trade.Ticket
	projected := hotstate.ProjectedTicket{
		Key:             recorded.key,
		RetailerID:      trade.RetailerID,
		TransactionID:   t.TransactionID,
		TransactionType: string(t.Type),
		StoreID:         t.StoreID,
		WorkstationID:   t.WorkstationID,
		BusinessDay:     string(t.BusinessDayDate),
		SequenceNumber:  t.SequenceNumber,
		EndedAt:         t.EndDateTime.Time(),
		CurrencyCode:    t.CurrencyCode,
		GrandTotal:      t.Totals.Grand,
		Commitment:      recorded.Commitment,
		RuleVersion:     recorded.Programme,
		Trade:           t.Canonical(),
	}
	for i := range t.LineItems {
		projected.Lines = append(projected.Lines, line(&t.LineItems[i]))
	}
	return projected
}

// proofOpening is what proofs need beyond the trade part, without the person's secret.
func proofOpening(contents unsealed.Contents) hotstate.ProjectedOpening {
	return hotstate.ProjectedOpening{
		TradeSecret:  contents.Trade.Secret,
		FixedLeaves:  joinHashes(contents.Fixed[:]),
		PersonLeaves: joinHashes(contents.Trade.PersonLeaves.Others),
	}
}

func joinHashes(hashes [][32]byte) []byte {
	joined := make([]byte, 0, 32*len(hashes))
	for i := range hashes {
		joined = append(joined, hashes[i][:]...)
	}
	return joined
}

func line(item *ticket.LineItem) hotstate.ProjectedLine {
	projected := hotstate.ProjectedLine{
		Number:   item.SequenceNumber,
		ItemID:   item.ItemID,
		Quantity: int64(item.Quantity),
		Amount:   item.ExtendedAmount,
	}
	if item.GTIN != "" {
		projected.GTIN = &item.GTIN
	}
	return projected
}

// personJSON is the column view.tickets.person.
type personJSON struct {
	LoyaltyID        string    `json:"loyaltyId,omitempty"`
	OperatorID       string    `json:"operatorId,omitempty"`
	TenderReferences []*string `json:"tenderReferences,omitempty"`
}

func addPerson(opened *openedTicket, trade sealed.Trade, person sealed.Person) error {
	whole, err := sealed.Join(trade, person)
	if err != nil {
		return err
	}
	for _, redemption := range commitment.Redemptions(whole) {
		if id, err := ledger.ParseHoldID(redemption.ID); err == nil {
			opened.holds = append(opened.holds, id)
		}
	}
	column := personJSON{LoyaltyID: person.LoyaltyID, OperatorID: person.OperatorID}
	for i, reference := range person.TenderReferences {
		var given *string
		if reference != "" {
			given = &person.TenderReferences[i]
		}
		column.TenderReferences = append(column.TenderReferences, given)
	}
	encoded, err := json.Marshal(column)
	if err != nil {
		return fmt.Errorf("encode the person's part: %w", err)
	}
	opened.Person, opened.Opening.PersonSecret = encoded, person.Secret[:]
	entry := ledger.EntryID(commitment.EntryID(person.Secret))
	opened.entry = &entry
	if person.LoyaltyID != "" {
		opened.LoyaltyID, opened.account = &person.LoyaltyID, person.Account
	}
	return nil
}
