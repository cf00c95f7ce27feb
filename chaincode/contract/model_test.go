package contract

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// A model is what the ledger should come to, kept as simply as can be.
type model struct {
	balance map[byte]int64 // by member, what holds keep aside included
	held    map[byte]int64
	left    map[*slip]int // cents of a sale that were not returned
	holds   map[string]*modelHold
	sales   []*slip
}

type modelHold struct {
	member byte
	points int64
	state  string
	paid   int64
}

func earned(cents int) int64 { return points.Earned(int64(cents), 100) }

// A player makes random moves on both, and compares.
type player struct {
	*testing.T
	*rand.Rand
	m        *memory
	model    model
	number   int
	repeats  []func() // earlier moves, to be made again
	overdraw int      // attempts to spend more than there is
}

const members = 4

func newPlayer(t *testing.T, seed uint64) *player {
	return &player{T: t, Rand: rand.New(rand.NewPCG(seed, 7)), m: newMemory(), model: model{
		balance: make(map[byte]int64), held: make(map[byte]int64), left: make(map[*slip]int), holds: make(map[string]*modelHold)}}
}

func (p *player) next() int { p.number++; return p.number }

func (p *player) member() byte { return byte(1 + p.IntN(members)) }

// submit records a slip now, and remembers to try it again.
func (p *player) submit(s *slip) {
	submission := s.submission(p.T)
	p.m.record(p.T, submission)
	p.repeats = append(p.repeats, func() { p.m.record(p.T, submission); p.m.settle(p.T, submission) })
}

func (p *player) sale() {
	s := &slip{number: p.next(), member: p.member(), cents: p.IntN(30_000)}
	p.submit(s)
	p.model.balance[s.member] += earned(s.cents)
	p.model.left[s] = s.cents
	p.model.sales = append(p.model.sales, s)
}

func (p *player) linkedReturn() {
	if len(p.model.sales) == 0 {
		return
	}
	sale := p.model.sales[p.IntN(len(p.model.sales))]
	if p.model.left[sale] <= 0 {
		return
	}
	back := &slip{number: p.next(), member: p.member(), returns: []returned{{sale, 1 + p.IntN(p.model.left[sale])}}}
	if p.IntN(2) == 0 {
		back.cents = p.IntN(5_000)
	}
	p.submit(back)
	p.model.balance[sale.member] -= earned(p.model.left[sale])
	p.model.left[sale] -= back.returns[0].cents
	p.model.balance[sale.member] += earned(p.model.left[sale])
	p.model.balance[back.member] += earned(back.cents)
	if p.IntN(3) == 0 { // and the return is voided
		p.submit(&slip{number: p.next(), member: back.member, voids: back})
		p.model.balance[sale.member] -= earned(p.model.left[sale])
		p.model.left[sale] += back.returns[0].cents
		p.model.balance[sale.member] += earned(p.model.left[sale])
		p.model.balance[back.member] -= earned(back.cents)
	}
}

func (p *player) void() {
	if len(p.model.sales) == 0 {
		return
	}
	at := p.IntN(len(p.model.sales))
	sale := p.model.sales[at]
	p.submit(&slip{number: p.next(), member: sale.member, voids: sale})
	p.model.balance[sale.member] -= earned(p.model.left[sale])
	p.model.sales = append(p.model.sales[:at], p.model.sales[at+1:]...) // later returns of it would be excess
}

func (p *player) unlinkedReturn() {
	s := &slip{number: p.next(), member: p.member(), cents: -1 - p.IntN(8_000)}
	p.submit(s)
	p.model.balance[s.member] += earned(s.cents)
}

func (p *player) hold() {
	member := p.member()
	r := ledger.HoldRequest{HoldID: uuid(p.next()), Account: accountOf(member).String(), Points: int64(1 + p.IntN(400)), TTLSeconds: 60 + int64(p.IntN(600)), Fold: p.m.credits(accountOf(member))}
	if open := p.m.mustHead(p.T, accountOf(member)); len(open.Holds) >= 20 {
		return
	}
	answer := run(p.T, p.m, holdPoints, r)
	available := p.model.balance[member] - p.model.held[member]
	if want := available >= r.Points; (answer.Status == ledger.StatusHeld) != want {
		p.Fatalf("hold %d of %d available: %+v", r.Points, available, answer)
	}
	if answer.Status != ledger.StatusHeld {
		p.overdraw++
		return
	}
	p.model.held[member] += r.Points
	p.model.holds[r.HoldID] = &modelHold{member: member, points: r.Points, state: "held"}
	p.repeats = append(p.repeats, func() { run(p.T, p.m, holdPoints, r) })
}

// anyHold gives an open hold, nil if there is none.
func (p *player) anyHold(state string) (string, *modelHold) {
	var ids []string
	for n := range p.number + 1 { // in a fixed order, so that a seed gives the same game again
		if hold := p.model.holds[uuid(n)]; hold != nil && hold.state == state {
			ids = append(ids, uuid(n))
		}
	}
	if len(ids) == 0 {
		return "", nil
	}
	id := ids[p.IntN(len(ids))]
	return id, p.model.holds[id]
}

func (p *player) close() {
	id, hold := p.anyHold("held")
	if hold == nil {
		return
	}
	p.model.held[hold.member] -= hold.points
	amount := 1 + p.Int64N(hold.points)
	switch p.IntN(3) {
	case 0:
		hold.state = "released"
		r := ledger.ReleaseRequest{HoldID: id}
		run(p.T, p.m, releaseHold, r)
		p.repeats = append(p.repeats, func() { run(p.T, p.m, releaseHold, r) })
		return
	case 1:
		r := ledger.CaptureRequest{HoldID: id, Points: amount}
		run(p.T, p.m, captureHold, r)
		p.repeats = append(p.repeats, func() { run(p.T, p.m, captureHold, r) })
	default:
		p.submit(&slip{number: p.next(), paid: []paid{{id, int(amount)}}, cents: 100_000})
	}
	hold.state, hold.paid = "captured", amount
	p.model.balance[hold.member] -= amount
}

func (p *player) giveBack() {
	id, hold := p.anyHold("captured")
	if hold == nil || hold.paid == 0 {
		return
	}
	amount := 1 + p.Int64N(hold.paid)
	hold.paid -= amount
	p.submit(&slip{number: p.next(), cents: -100_000, paid: []paid{{id, -int(amount)}}})
	p.model.balance[hold.member] += amount
}

func (p *player) transfer() {
	from, to := p.member(), p.member()
	r := ledger.TransferRequest{TransferID: uuid(p.next()), From: accountOf(from).String(), To: accountOf(to).String(), Points: int64(1 + p.IntN(300)), Fold: p.m.credits(accountOf(from))}
	answer := run(p.T, p.m, transferPoints, r)
	want := p.model.balance[from]-p.model.held[from] >= r.Points && from != to
	if (answer.Status == ledger.StatusTransferred) != want {
		p.Fatalf("transfer of %d with %d - %d: %+v", r.Points, p.model.balance[from], p.model.held[from], answer)
	}
	if !want {
		p.overdraw++
		return
	}
	p.model.balance[from] -= r.Points
	p.model.balance[to] += r.Points
	p.repeats = append(p.repeats, func() { run(p.T, p.m, transferPoints, r) })
}

func (p *player) fold() {
	of := accountOf(p.member())
	credits := p.m.credits(of)
	p.Shuffle(len(credits), func(i, j int) { credits[i], credits[j] = credits[j], credits[i] })
	run(p.T, p.m, foldAccount, ledger.FoldRequest{Account: of.String(), Fold: credits[:p.IntN(len(credits)+1)]})
}

// repeat makes an earlier move again, which must change nothing at all.
func (p *player) repeat() {
	if len(p.repeats) == 0 {
		return
	}
	before := maps.Clone(p.m.state)
	p.repeats[p.IntN(len(p.repeats))]()
	if !maps.EqualFunc(before, p.m.state, func(a, b []byte) bool { return string(a) == string(b) }) {
		p.Fatal("a repeated call changed the ledger")
	}
}

func (p *player) compare(move string) {
	p.Helper()
	for member := byte(1); member <= members; member++ {
		head := p.m.mustHead(p.T, accountOf(member))
		if balance := p.m.balance(p.T, accountOf(member)); balance != p.model.balance[member] || head.Held() != p.model.held[member] {
			p.Fatalf("after %s: member %d has %d, %d held; want %d, %d held", move, member, balance, head.Held(), p.model.balance[member], p.model.held[member])
		}
	}
	p.m.checkTotals(p.T)
}

func TestRandomGamesComeOutAsTheModelSays(t *testing.T) {
	overdraw := 0
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			p := newPlayer(t, seed)
			moves := []struct {
				name   string
				weight int
				make   func()
			}{
				{"sale", 6, p.sale}, {"linked return", 4, p.linkedReturn}, {"void", 1, p.void}, {"unlinked return", 1, p.unlinkedReturn},
				{"hold", 5, p.hold}, {"close", 4, p.close}, {"give back", 2, p.giveBack}, {"transfer", 4, p.transfer},
				{"fold", 3, p.fold}, {"repeat", 4, p.repeat},
			}
			var bag []int
			for i, move := range moves {
				for range move.weight {
					bag = append(bag, i)
				}
			}
			for range 150 {
				move := moves[bag[p.IntN(len(bag))]]
				move.make()
				p.compare(move.name)
			}
			overdraw += p.overdraw
		})
	}
	if overdraw < 100 {
		t.Errorf("only %d attempts to spend what is not there: the games prove little", overdraw)
	}
}

// However tickets arrive, and in whatever batches, the accounts come to the same.
func TestTheOrderOfTicketsDoesNotMatter(t *testing.T) {
	slips := []*slip{}
	for number := range 8 {
		slips = append(slips, &slip{number: number + 1, member: byte(1 + number%3), cents: 1000*number + 77})
	}
	back := &slip{number: 20, member: 1, cents: 333, returns: []returned{{slips[4], 1234}, {slips[5], 99}}}
	slips = append(slips, back,
		&slip{number: 21, member: 2, returns: []returned{{slips[4], 2700}}},
		&slip{number: 22, member: 2, voids: back},
		&slip{number: 23, member: 3, returns: []returned{{slips[7], 5000}}},
		&slip{number: 24, member: 3, voids: slips[7]},
		&slip{number: 25, member: 3, cents: -505})
	var want map[byte]int64
	random := rand.New(rand.NewPCG(5, 5))
	for round := range 100 {
		m := newMemory()
		random.Shuffle(len(slips), func(i, j int) { slips[i], slips[j] = slips[j], slips[i] })
		var all []ledger.Submission
		for rest := slips; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			var batch []ledger.Submission
			for _, s := range rest[:n] {
				batch = append(batch, s.submission(t))
			}
			m.record(t, batch...)
			all, rest = append(all, batch...), rest[n:]
		}
		m.settle(t, all...)
		got := make(map[byte]int64)
		for member := byte(1); member <= 3; member++ {
			got[member] = m.balance(t, accountOf(member))
		}
		if want == nil {
			want = got
		}
		if !maps.Equal(got, want) {
			t.Fatalf("round %d: %v, and in another order %v", round, got, want)
		}
		m.checkTotals(t)
	}
}
