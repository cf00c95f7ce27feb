package erasure_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/erasure"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/collector/recorder"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// ann is to be forgotten; no other word of the tests has her id in it.
const ann, bob = "canary-ann-4711", "bob"

// quick looks again at once.
var quick = erasure.Config{Lease: time.Hour, Wait: time.Millisecond, Retry: time.Millisecond, Idle: time.Millisecond}

// A world is a shop, its ledger, and what is known of ann before she is forgotten.
type world struct {
	*ledgertest.Shop
	*testing.T
	ledger *ledgertest.Ledger
	ann    keyring.Member
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{Shop: ledgertest.Open(t), T: t, ledger: ledgertest.New()}
}

// trade records three tickets of ann among those of others, and gives her all that a member can have in the database.
func (w *world) trade() {
	w.Helper()
	sale := func(member string) ledgertest.Sale {
		return ledgertest.Sale{Member: member, Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 1, 5000)}}
	}
	w.Accept(w.T, sale(ann), sale(bob), sale(""), sale(ann), sale(bob), sale(ann))
	defer w.record()()
	defer w.project()()
	w.recorded()
	var err error
	if w.ann, err = w.Keys.Find(ann); err != nil {
		w.Fatal(err)
	}
	w.register()
}

func (w *world) register() {
	w.Helper()
	w.Exec(w.T, `insert into book.customers (loyalty_id, name) values ($1, 'Canary Ann')`, ann)
	w.Exec(w.T, `insert into book.users (username, role, password_hash, loyalty_id) values ('canary-login', 'customer', '', $1)`, ann)
	w.Exec(w.T, `
		insert into book.redemptions (redemption_id, store_id, loyalty_id, points, currency_code, caller, idempotency_key, body_hash)
		values ('11111111-1111-4111-8111-111111111111', 'S1', $1, 5, 'EUR', 'till', gen_random_uuid(), $2)`,
		ann, w.Keys.ContentMAC([]byte(ann)))
	w.Exec(w.T, `insert into book.spending_orders (loyalty_id, action, subject) values ($1, 'hold', '11111111-1111-4111-8111-111111111111')`, ann)
	w.Exec(w.T, `
		insert into book.transfers (transfer_id, from_loyalty_id, to_loyalty_id, points, caller, idempotency_key, body_hash)
		values (gen_random_uuid(), $1, 'bob', 5, 'canary-login', gen_random_uuid(), $2), (gen_random_uuid(), 'bob', $1, 5, 'bob', gen_random_uuid(), $2)`,
		ann, w.Keys.ContentMAC([]byte(ann)))
}

// runs starts something that runs until it is stopped.
func (w *world) runs(run func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); run(ctx) }()
	stop = func() { cancel(); <-done }
	w.Cleanup(stop)
	return stop
}

func (w *world) record() (stop func()) { return w.recordTo(w.ledger, 100*time.Millisecond) }

func (w *world) recordTo(l recorder.Ledger, lease time.Duration) (stop func()) {
	return w.runs(recorder.New(w.Collector, l, w.OpenKeys(w.T), recorder.Config{
		Batch: hotstate.BatchSize{Tickets: 10, Bytes: 1 << 20}, Linked: 5, InFlight: 2,
		Lease: lease, Deadline: time.Minute, Retry: time.Millisecond,
	}).Run)
}

func (w *world) project() (stop func()) {
	return w.runs(projector.New(w.Collector, w.ledger, w.OpenKeys(w.T)).Run)
}

func (w *world) erase() (stop func()) {
	return w.runs(erasure.New(w.Collector, w.ledger, w.OpenKeys(w.T), quick).Run)
}

// request asks for ann to be forgotten.
func (w *world) request() hotstate.Erasure {
	w.Helper()
	e, err := erasure.New(w.Collector, w.ledger, w.Keys, quick).Request(w.Context(), ann)
	if err != nil {
		w.Fatal(err)
	}
	return e
}

func (w *world) recorded() {
	w.Helper()
	ledgertest.Eventually(w.T, "every ticket recorded", func() bool {
		return w.Text(w.T, `select count(*) from book.tickets where state <> 'recorded'`) == "0"
	})
}

func (w *world) forgotten() {
	w.Helper()
	w.Cleanup(func() {
		if w.Failed() {
			w.Logf("erasures:\n%s", w.Text(w.T, `select string_agg(row::text, E'\\n') from book.erasures as row`))
		}
	})
	ledgertest.Eventually(w.T, "the member forgotten", func() bool {
		return w.Text(w.T, `select count(*) from book.erasures where state <> 'done'`) == "0"
	})
}

// step waits until the erasure says that it is at something.
func (w *world) step(wanted string) {
	w.Helper()
	ledgertest.Eventually(w.T, wanted, func() bool {
		return strings.Contains(w.Text(w.T, `select step from book.erasures`), wanted)
	})
}

// nothingIsLeft searches the database and the keys for ann.
func (w *world) nothingIsLeft() {
	w.Helper()
	needles := map[string][]byte{
		"loyalty id": []byte(ann), "name": []byte("Canary Ann"), "login": []byte("canary-login"), "key id": []byte(w.ann.KeyID),
		"key": w.ann.Key[:], "hash of what she asked for": w.Keys.ContentMAC([]byte(ann)),
	}
	for what, needle := range needles {
		if tables := hotstatetest.Holding(w.T, w.Owner, needle); len(tables) > 0 {
			w.Errorf("%s in %v", what, tables)
		}
	}
	needles["pseudonym"] = w.ann.Account[:]
	for what, needle := range needles {
		if file := w.keyFileWith(needle); file != "" {
			w.Errorf("%s in %s", what, file)
		}
	}
	// The pseudonym stays on the ledger, and in what is copied from there, as the name of nobody.
	for _, table := range hotstatetest.Holding(w.T, w.Owner, w.ann.Account[:]) {
		if table != "view.points_entries" && table != "view.points_heads" {
			w.Errorf("the pseudonym in %s", table)
		}
	}
	if left := w.Text(w.T, `select count(*) from view.points_entries where account = $1 and (loyalty_id is not null or ticket_key is not null)`,
		w.ann.Account[:]); left != "0" {
		w.Errorf("%s entries lead from the pseudonym to a ticket or member", left)
	}
	if closed, credits := w.ledger.Forgotten(w.ann.Account); !closed || credits != 0 {
		w.Errorf("the account is forgotten: %v, with %d credits", closed, credits)
	}
}

func (w *world) keyFileWith(needle []byte) (found string) {
	w.Helper()
	err := filepath.WalkDir(w.KeysDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(append(content, path...), needle) {
			found = path
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// sameWhenMadeAgain has the view made again and compares every row.
func (w *world) sameWhenMadeAgain() {
	w.Helper()
	defer w.project()()
	w.viewWhole()
	before := w.view()
	err := pgx.BeginFunc(w.Context(), w.Collector, func(tx pgx.Tx) error {
		_, err := hotstate.ClearView(w.Context(), tx, w.ledger.Channel())
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	w.viewWhole()
	for table, after := range w.view() {
		if after != before[table] {
			w.Errorf("%s made again\n%s\nwant\n%s", table, after, before[table])
		}
	}
}

func (w *world) viewWhole() {
	w.Helper()
	ledgertest.Eventually(w.T, "every block in the view", func() bool {
		return w.Text(w.T, "select next_block from view.checkpoint") == fmt.Sprint(w.ledger.Height())
	})
}

// view gives the rows of every table of the view.
func (w *world) view() map[string]string {
	w.Helper()
	rows := make(map[string]string)
	for table := range strings.SplitSeq(w.Text(w.T, "select string_agg('view.' || tablename, ',') from pg_tables where schemaname = 'view'"), ",") {
		rows[table] = w.Text(w.T, fmt.Sprintf("select string_agg(row::text, E'\\n' order by row::text) from %s as row", table))
	}
	return rows
}

// A mortal part dies at one of its calls, before or after it did what it was asked to: all that comes later fails, as when
// the process was killed.
type mortal struct {
	mu       sync.Mutex
	dieAt    string // name of the call and its number, as "submit 2"
	done     bool   // it dies after the call
	calls    map[string]int
	deceased bool
	kill     context.CancelFunc
}

func call[R any](m *mortal, name string, do func() (R, error)) (result R, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[name]++
	dies := fmt.Sprint(name, " ", m.calls[name]) == m.dieAt
	if !m.deceased && (!dies || m.done) {
		result, err = do()
	}
	if m.deceased = m.deceased || dies; m.deceased {
		m.kill()
		return result, context.Canceled
	}
	return result, err
}

func (m *mortal) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.deceased
}
