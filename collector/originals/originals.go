// Package originals finds the tickets that others undo: the sales of a return, the ticket that is voided. Their openings are
// rebuilt from the sealed bodies, which the peer keeps, and the keys: the ledger holds an undo to its original by them.
package originals

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// Bodies has the sealed bodies of recorded tickets.
type Bodies interface {
	ReadBody(ctx context.Context, key ledger.TicketKey) ([]byte, error)
}

// Keys open sealed bodies.
type Keys interface {
	PeriodToOpen(p sealed.Period) (keyring.Period, error)
	MemberByKeyID(keyID string) (keyring.Member, error)
	Reference(retailerID, transactionID string) [32]byte
}

// A Finder is safe for concurrent use.
type Finder struct {
	pool   *pgxpool.Pool
	bodies Bodies
	keys   Keys
}

// NewFinder makes a finder.
func NewFinder(pool *pgxpool.Pool, bodies Bodies, keys Keys) *Finder {
	return &Finder{pool: pool, bodies: bodies, keys: keys}
}

// Undone gives the transaction ids that a ticket undoes, each once.
func Undone(t *ticket.Ticket) []string {
	if t.VoidOf != "" {
		return []string{t.VoidOf}
	}
	var ids []string
	seen := make(map[string]bool)
	for i := range t.LineItems {
		if of := t.LineItems[i].ReturnOf; of != nil && !seen[of.TransactionID] {
			seen[of.TransactionID] = true
			ids = append(ids, of.TransactionID)
		}
	}
	return ids
}

// Found is what there is of the originals of one ticket.
type Found struct {
	Originals []*ledger.Original // one for each undo of the opening, nil where it is not recorded or its member is forgotten
	Missing   []string           // transaction ids that are not recorded
}

// Of finds the originals of a ticket's undoes. Of a ticket that is voided it finds those as well that it had undone itself.
func (f *Finder) Of(ctx context.Context, retailerID string, t *ticket.Ticket, opening *commitment.Opening) (Found, error) {
	return f.of(ctx, retailerID, t, opening, true)
}

func (f *Finder) of(ctx context.Context, retailerID string, t *ticket.Ticket, opening *commitment.Opening, nested bool) (Found, error) {
	var found Found
	if len(opening.Undoes) == 0 {
		return found, nil
	}
	ids := Undone(t)
	keys, err := hotstate.RecordedKeys(ctx, f.pool, retailerID, ids)
	if err != nil {
		return found, err
	}
	byReference := make(map[[32]byte]string, len(ids))
	for _, id := range ids {
		byReference[f.keys.Reference(retailerID, id)] = id
	}
	found.Originals = make([]*ledger.Original, len(opening.Undoes))
	for i, undo := range opening.Undoes {
		id := byReference[undo.Reference]
		key, recorded := keys[id]
		if !recorded {
			found.Missing = append(found.Missing, id)
			continue
		}
		if found.Originals[i], err = f.original(ctx, key, nested && undo.Void); err != nil {
			return found, fmt.Errorf("original of a ticket: %w", err)
		}
	}
	return found, nil
}

// original opens a recorded ticket, nil if its member is forgotten: there are no points any more that it could have earned.
func (f *Finder) original(ctx context.Context, key ledger.TicketKey, voided bool) (*ledger.Original, error) {
	opened, err := f.Open(ctx, key)
	if errors.Is(err, keyring.ErrForgotten) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	original := &ledger.Original{Key: key, Opening: opened.Opening}
	if !voided {
		return original, nil
	}
	earlier, err := f.of(ctx, opened.RetailerID, opened.Ticket, opened.Opening, false)
	original.Originals = earlier.Originals
	return original, err
}

// Opened is a recorded ticket with its opening.
type Opened struct {
	RetailerID string
	Ticket     *ticket.Ticket
	Opening    *commitment.Opening
}

// Open rebuilds a recorded ticket and its opening. The error is keyring.ErrForgotten if its member's key was destroyed.
func (f *Finder) Open(ctx context.Context, key ledger.TicketKey) (Opened, error) {
	sealedBody, err := f.bodies.ReadBody(ctx, key)
	if err != nil {
		return Opened{}, err
	}
	body, err := sealed.Parse(sealedBody)
	if err != nil {
		return Opened{}, err
	}
	period, err := f.keys.PeriodToOpen(body.Period)
	if err != nil {
		return Opened{}, err
	}
	trade, err := body.OpenTrade(key, period.Trade)
	if err != nil {
		return Opened{}, err
	}
	personKey := period.Person
	if trade.PersonKey != "" {
		member, err := f.keys.MemberByKeyID(trade.PersonKey)
		if err != nil {
			return Opened{}, err
		}
		personKey = member.Key
	}
	person, err := body.OpenPerson(key, personKey)
	if err != nil {
		return Opened{}, err
	}
	return f.rebuild(trade, person)
}

func (f *Finder) rebuild(trade sealed.Trade, person sealed.Person) (Opened, error) {
	whole, err := sealed.Join(trade, person)
	if err != nil {
		return Opened{}, err
	}
	facts := commitment.Facts{
		RetailerID: trade.RetailerID, Account: person.Account,
		Reference: func(id string) [32]byte { return f.keys.Reference(trade.RetailerID, id) },
	}
	secrets := commitment.Secrets{Trade: trade.Secret, Person: person.Secret}
	tree, err := commitment.Build(whole, facts, secrets)
	if err != nil {
		return Opened{}, err
	}
	return Opened{RetailerID: trade.RetailerID, Ticket: whole, Opening: tree.Open(whole, facts, secrets)}, nil
}
