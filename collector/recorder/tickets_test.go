package recorder_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/network/block"
)

func TestTwoRecordersShareTheWork(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := shop.Accept(t, ledgertest.Sales(2000)...)
	config := quick
	config.Batch.Tickets, config.InFlight = 50, 3
	start(t, shop.Collector, l, shop.Keys, config)
	start(t, shop.Collector, l, shop.OpenKeys(t), config)
	settled(t, shop)
	recordedOnce(t, l, keys)
	in := make(map[ledger.TicketKey]int)
	for _, batch := range l.Batches() {
		for _, key := range batch {
			if in[key]++; in[key] > 1 {
				t.Fatalf("ticket %s was in two transactions", key)
			}
		}
	}
}

func TestBatchesStayBelowTheirBounds(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	sales := ledgertest.Sales(40)
	for i := range 300 {
		sales[7].Lines = append(sales[7].Lines, ledgertest.Line(int64(i+2), "a rather long item id, again and again", 1, 1))
	}
	keys := shop.Accept(t, sales...)
	size := make(map[ledger.TicketKey]int)
	for _, key := range keys {
		size[key] = len(shop.Text(t, "select convert_from(body, 'UTF8') from book.tickets where ticket_key = $1", key[:]))
	}
	config := quick
	config.Batch.Bytes = 2000
	start(t, shop.Collector, l, shop.Keys, config)
	settled(t, shop)
	recordedOnce(t, l, keys)
	for _, batch := range l.Batches() {
		total := 0
		for _, key := range batch {
			total += size[key]
		}
		if len(batch) > 10 || len(batch) > 1 && total > 2000 {
			t.Errorf("a batch has %d tickets of %d bytes", len(batch), total)
		}
	}
}

// What the ledger will never take is rejected with a reason, by itself.
func TestRejections(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := shop.Accept(t, ledgertest.Sales(20)...)
	l.Put(t, keys[3], [32]byte{1})
	l.Refuse = map[ledger.TicketKey]string{keys[5]: "no points rule was in force on the business day"}
	shop.Exec(t, "update book.tickets set body = '{}' where ticket_key = $1", keys[15][:])
	start(t, shop.Collector, l, shop.Keys, quick)
	settled(t, shop)

	for i, key := range keys {
		got := shop.Text(t, "select state || ' ' || coalesce(reason, '') from book.tickets where ticket_key = $1", key[:])
		want := map[int]string{
			3:  "rejected conflict: ",
			5:  "rejected refused: no points rule was in force on the business day",
			15: "rejected refused: the stored ticket cannot be read",
		}[i]
		if want == "" {
			want = "accepted " // until the projector says "recorded"
			if record := l.Records()[key]; record.TransactionID == (ledger.TransactionID{}) {
				t.Errorf("ticket %d is not recorded", i)
			}
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("ticket %d: got %q, want %q", i, got, want)
		}
	}
}

// A ticket that is on the ledger and that the view cannot show is not endorsed again and again.
func TestAlreadyRecordedIsSettled(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	impatient := quick
	impatient.Deadline, impatient.Lease = 0, time.Hour
	l.Faults = once("submit", 1, ledgertest.DoneButFailed)
	keys := shop.Accept(t, ledgertest.Sales(10)...)
	stop := start(t, shop.Collector, l, shop.Keys, impatient)
	settled(t, shop)
	more := shop.Accept(t, ledgertest.Sales(10)...) // whoever still turned in a circle would have done so meanwhile
	settled(t, shop)
	stop()
	recordedOnce(t, l, append(keys, more...))
	if l.Calls("endorse") != 3 {
		t.Errorf("endorsed %d times, want 3: first, already there, the others", l.Calls("endorse"))
	}
}

// What the chaincode cannot bear stands alone in the end, and waits; the others get through.
func TestPoison(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := shop.Accept(t, ledgertest.Sales(60)...)
	l.Poison = map[ledger.TicketKey]bool{keys[0]: true, keys[1]: true, keys[31]: true}
	start(t, shop.Collector, l, shop.Keys, quick)
	ledgertest.Eventually(t, "all the others", func() bool { return len(l.Records()) == 57 })
	if state := shop.Text(t, "select string_agg(distinct state, ',') from book.tickets"); state != "accepted" {
		t.Errorf("tickets are %s, want none rejected", state)
	}
	l.Heal()
	settled(t, shop)
	recordedOnce(t, l, keys)
}

// A collector whose certificate is not let in rejects nothing, and catches up once it is.
func TestAccessDenied(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	l.Faults = func(call string, nth int) ledgertest.Fault {
		if call == "endorse" && nth <= 25 {
			return ledgertest.Denied
		}
		return ledgertest.None
	}
	keys := shop.Accept(t, ledgertest.Sales(60)...)
	start(t, shop.Collector, l, shop.Keys, quick)
	settled(t, shop)
	recordedOnce(t, l, keys)
}

// A member's damaged key file holds up that member's tickets, until it is restored.
func TestDamagedKey(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	if _, err := shop.Keys.Member("unlucky"); err != nil {
		t.Fatal(err)
	}
	restore := damage(t, filepath.Join(shop.KeysDir, "members"))
	sales := ledgertest.Sales(20)
	sales[2].Member, sales[4].Member = "unlucky", "unlucky"
	keys := shop.Accept(t, sales...)
	start(t, shop.Collector, l, shop.OpenKeys(t), quick)
	ledgertest.Eventually(t, "all the others", func() bool { return len(l.Records()) == 18 })
	restore()
	settled(t, shop)
	recordedOnce(t, l, keys)
}

// damage cuts the one file under a folder short.
func damage(t *testing.T, dir string) (restore func()) {
	t.Helper()
	var path string
	err := filepath.WalkDir(dir, func(p string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			path = p
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 5); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// What is on the ledger opens again, with the keys alone, to the very bytes that were accepted.
func TestSealedBodiesOpenAgain(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := shop.Accept(t, ledgertest.Sales(60)...)
	config := quick
	config.Batch.Tickets = 60 // more than one chunk
	start(t, shop.Collector, l, shop.Keys, config)
	settled(t, shop)

	fromFiles := shop.OpenKeys(t)
	bodies := bodiesOn(t, l)
	for _, key := range keys {
		body, err := sealed.Parse(bodies[key])
		if err != nil {
			t.Fatalf("ticket %s: %v", key, err)
		}
		period, err := fromFiles.PeriodToOpen(body.Period)
		if err != nil {
			t.Fatal(err)
		}
		trade, err := body.OpenTrade(key, period.Trade)
		if err != nil {
			t.Fatal(err)
		}
		personKey := period.Person
		if trade.PersonKey != "" {
			member, err := fromFiles.MemberByKeyID(trade.PersonKey)
			if err != nil {
				t.Fatal(err)
			}
			personKey = member.Key
		}
		person, err := body.OpenPerson(key, personKey)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := sealed.Join(trade, person)
		if err != nil {
			t.Fatal(err)
		}
		accepted := shop.Text(t, "select convert_from(body, 'UTF8') from book.tickets where ticket_key = $1", key[:])
		if !bytes.Equal(whole.Canonical(), []byte(accepted)) {
			t.Errorf("got  %s\nwant %s", whole.Canonical(), accepted)
		}
		if bytes.Contains(trade.Ticket.Canonical(), []byte("member-")) {
			t.Errorf("the trade part names the member: %s", trade.Ticket.Canonical())
		}
	}
}

func bodiesOn(t *testing.T, l *ledgertest.Ledger) map[ledger.TicketKey][]byte {
	t.Helper()
	stream, err := l.Blocks(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(map[ledger.TicketKey][]byte)
	for range l.Height() {
		b := <-stream
		transactions, err := block.Decode(b.GetBlock(), b.GetPrivateDataMap())
		if err != nil {
			t.Fatal(err)
		}
		for i := range transactions {
			addBodies(t, &transactions[i], bodies)
		}
	}
	return bodies
}

// addBodies finds a transaction's bodies where its records say that they are.
func addBodies(t *testing.T, of *block.Transaction, bodies map[ledger.TicketKey][]byte) {
	t.Helper()
	chunks := make(map[uint8]ledger.Chunk)
	for _, write := range of.Private {
		_, number, _ := ledger.ParseChunkKey(write.Key)
		chunk, err := ledger.DecodeChunk(write.Value)
		if err != nil {
			t.Fatal(err)
		}
		chunks[number] = chunk
	}
	for _, write := range of.Writes {
		key, ok := ledger.ParseRecordKey(write.Key)
		if !ok {
			continue
		}
		record, err := ledger.DecodeRecord(write.Value)
		if err != nil {
			t.Fatal(err)
		}
		chunk := chunks[record.Chunk]
		bodies[key] = sealed.Compose(chunk.Lot, int(record.Slot), chunk.Slots[record.Slot].Sealed)
	}
}
