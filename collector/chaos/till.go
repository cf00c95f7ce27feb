package chaos

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const betweenSales = 50 * time.Millisecond

// A till sells, takes back and voids. What it sold, it remembers.
type till struct {
	register
	dice    *rand.Rand
	members []*member
	kept    []*ticket // that may come back
	trades  int
}

// maxKept bounds the memory of a till.
const maxKept = 200

// trade gives the tickets of one customer's visit, in the order in which they are sent.
func (t *till) trade() []*ticket {
	switch t.dice.IntN(16) {
	case 0, 1:
		if sale := t.draw("Sale"); sale != nil {
			return t.keep(t.takeBack(sale, t.part(sale.amount)))
		}
	case 2: // more than was sold
		if sale := t.draw("Sale"); sale != nil {
			return t.keep(t.takeBack(sale, sale.amount+t.part(1000)))
		}
	case 3: // the return arrives first, and sometimes its void as well
		member := t.returner()
		sale := t.sale(member, t.amount(), payment{})
		back := t.takeBack(sale, t.part(sale.amount))
		if t.dice.IntN(3) == 0 {
			return append([]*ticket{back, t.void(back)}, t.keep(sale)...)
		}
		return append([]*ticket{back}, t.keep(sale)...)
	case 4, 5:
		if any := t.draw(""); any != nil {
			t.forget(any)
			return []*ticket{t.void(any)}
		}
	case 6:
		return []*ticket{t.takeBackUnlinked(t.returner(), t.amount())}
	}
	return t.keep(t.sale(t.anybody(), t.amount(), payment{}))
}

func (t *till) amount() int64       { return 137 + t.dice.Int64N(9000) }
func (t *till) part(of int64) int64 { return 1 + t.dice.Int64N(of) }
func (t *till) someone() *member    { return t.members[t.dice.IntN(len(t.members))] }
func (t *till) keep(k *ticket) []*ticket {
	if len(t.kept) < maxKept {
		t.kept = append(t.kept, k)
	} else {
		t.kept[t.dice.IntN(maxKept)] = k
	}
	return []*ticket{k}
}

// anybody is nobody's loyalty id for one visit in three.
func (t *till) anybody() string {
	if t.dice.IntN(3) == 0 {
		return ""
	}
	return t.someone().id
}

// returner is somebody who brings things back, or nobody.
func (t *till) returner() string {
	if m := t.someone(); !m.keeps {
		return m.id
	}
	return ""
}

// draw finds a ticket of which something may come back: of the kind, or of any. Members who keep what they buy bring
// nothing back. It is nil if a few draws find none.
func (t *till) draw(kind string) *ticket {
	for range min(8, len(t.kept)) {
		drawn := t.kept[t.dice.IntN(len(t.kept))]
		if (kind == "" || drawn.kind == kind) && !t.isKeepers(drawn) {
			return drawn
		}
	}
	return nil
}

func (t *till) isKeepers(k *ticket) bool {
	for _, m := range t.members {
		if m.keeps && m.id == k.member {
			return true
		}
	}
	return false
}

// forget sees to it that nothing is voided twice.
func (t *till) forget(k *ticket) {
	for i := range t.kept {
		if t.kept[i] == k {
			t.kept[i] = t.kept[len(t.kept)-1]
			t.kept = t.kept[:len(t.kept)-1]
			return
		}
	}
}

// runTill trades while the shop is open, and sends each ticket until it is acknowledged.
func (s *system) runTill(selling, uploading context.Context, b *book, t *till) {
	for sleep(selling, betweenSales) == nil {
		t.trades++
		var err error
		if t.trades%12 == 0 {
			err = s.redeem(uploading, b, t)
		} else {
			err = s.sendAll(uploading, b, t, t.trade())
		}
		if err != nil {
			return
		}
	}
}

// sendAll sends tickets one by one. Every tenth it sends once more afterwards: the answer must be the same.
func (s *system) sendAll(ctx context.Context, b *book, t *till, tickets []*ticket) error {
	for _, k := range tickets {
		b.sending(k)
		r := request{http.MethodPost, s.servers.Collector + "/v1/tickets", s.tillToken, uuid.NewString(), k.body}
		first, err := s.insist(ctx, b, r, http.StatusCreated, http.StatusOK)
		if err != nil {
			return err
		}
		b.acknowledge(k)
		if t.number%10 != 0 {
			continue
		}
		b.count(&b.resent)
		again, err := s.insist(ctx, b, r, http.StatusCreated, http.StatusOK)
		if err != nil {
			return err
		}
		if !bytes.Equal(first.body, again.body) {
			b.complain("ticket %s: the first answer was %s, the next %s", k.id, first, again)
		}
	}
	return nil
}
