package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestPostTicket(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	ticket := newSale(func(s *sale) { s.member = "M1" })
	a := f.requireStatus(f.postTicket(f.store("S1"), uuid.NewString(), ticket.json()), http.StatusCreated)
	if want := "/v1/tickets/" + ticket.id; a.Header.Get("Location") != want {
		t.Errorf("Location is %q, want %q", a.Header.Get("Location"), want)
	}
	var receipt struct {
		TransactionID, Status, ReceivedAt string
		Points                            struct{ Pending *int }
	}
	if err := json.Unmarshal(a.body, &receipt); err != nil {
		t.Fatal(err)
	}
	if receipt.TransactionID != ticket.id || receipt.Status != "accepted" || receipt.ReceivedAt == "" ||
		receipt.Points.Pending == nil || *receipt.Points.Pending != 139 {
		t.Errorf("receipt: %s", a.body)
	}
	row := `select count(*) from book.tickets where transaction_id = $1 and state = 'accepted' and retailer_id = 'main'
		and length(seed) = 32 and length(ticket_key) = 32 and loyalty_id = 'M1' and pending_points = 139
		and convert_from(body, 'UTF8') like '%"transactionId":"' || $1::text || '"%'`
	if f.count(row, ticket.id) != 1 {
		t.Error("the ticket is not in the hot state as it should be")
	}
}

// A ticket without a member earns nobody anything.
func TestPostTicketWithoutMember(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	a := f.requireStatus(f.postTicket(f.store("S1"), uuid.NewString(), newSale(nil).json()), http.StatusCreated)
	if !bytes.Contains(a.body, []byte(`"points":{"pending":0}`)) {
		t.Errorf("receipt: %s", a.body)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till, key := f.store("S1"), uuid.NewString()
	ticket := newSale(nil)
	first := f.requireStatus(f.postTicket(till, key, ticket.json()), http.StatusCreated)

	t.Run("same key and body: the identical answer", func(t *testing.T) {
		again := f.requireStatus(f.postTicket(till, strings.ToUpper(key), ticket.json()), http.StatusCreated)
		if !bytes.Equal(again.body, first.body) || again.Header.Get("Location") != first.Header.Get("Location") {
			t.Errorf("first %s, again %s", first.body, again.body)
		}
	})
	t.Run("also once the ledger has it", func(t *testing.T) {
		f.exec(`update book.tickets set state = 'recorded', seed = null, body = null, pending_points = 0`)
		again := f.requireStatus(f.postTicket(till, key, ticket.json()), http.StatusCreated)
		if !bytes.Equal(again.body, first.body) {
			t.Errorf("first %s, again %s", first.body, again.body)
		}
	})
	t.Run("another key: 200 and the first answer", func(t *testing.T) {
		again := f.requireStatus(f.postTicket(till, uuid.NewString(), ticket.json()), http.StatusOK)
		if !bytes.Equal(again.body, first.body) || again.Header.Get("Location") != first.Header.Get("Location") {
			t.Errorf("first %s, again %s", first.body, again.body)
		}
	})
	t.Run("another key and other spelling: still the same content", func(t *testing.T) {
		spelled := strings.Replace(ticket.json(), `"quantity":"1"`, `"quantity":"1.000"`, 1)
		f.requireStatus(f.postTicket(till, uuid.NewString(), spelled), http.StatusOK)
	})
	t.Run("same key, another body: refused", func(t *testing.T) {
		other := newSale(func(s *sale) { s.number = 2 })
		f.requireProblem(f.postTicket(till, key, other.json()), http.StatusUnprocessableEntity, "idempotency-key-reused")
		if f.count("select count(*) from book.tickets where transaction_id = $1", other.id) != 0 {
			t.Error("it was accepted all the same")
		}
	})
	t.Run("same key of another caller: its own", func(t *testing.T) {
		other := newSale(func(s *sale) { s.number = 3 })
		f.requireStatus(f.postTicket(f.token(map[string]any{"sub": "other", "role": "store", "storeIds": []string{"S1"}}),
			key, other.json()), http.StatusCreated)
	})
	t.Run("after 24 hours the key is free", func(t *testing.T) {
		f.exec("update book.idempotency_keys set created_at = now() - interval '24 hours 1 second'")
		f.requireStatus(f.postTicket(till, key, newSale(func(s *sale) { s.number = 4 }).json()), http.StatusCreated)
	})
	if n := f.count("select count(*) from book.tickets"); n != 3 {
		t.Errorf("%d tickets, want 3", n)
	}
}

func TestIdempotencyKeyNeeded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	for _, key := range []string{"", "1", "not-a-uuid-not-a-uuid-not-a-uuid-nota", "{" + uuid.NewString() + "}", "urn:uuid:" + uuid.NewString()} {
		f.requireProblem(f.postTicket(f.store("S1"), key, newSale(nil).json()), http.StatusBadRequest, "idempotency-key")
	}
	if f.count("select count(*) from book.tickets") != 0 {
		t.Error("a ticket was accepted")
	}
}

// A key whose request was refused did nothing, so the mended ticket may come under the same key.
func TestRefusedRequestDoesNotUseUpItsKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till, key, ticket := f.store("S1"), uuid.NewString(), newSale(nil)
	f.requireProblem(f.postTicket(till, key, strings.Replace(ticket.json(), `"grand":13900`, `"grand":1`, 1)),
		http.StatusUnprocessableEntity, "invalid")
	f.requireStatus(f.postTicket(till, key, ticket.json()), http.StatusCreated)
}

// A key is in flight while another process works on it, and free again when that process dies.
func TestIdempotencyInFlight(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till, key, ticket := f.token(map[string]any{"sub": "u", "role": "store", "storeIds": []string{"S1"}}), uuid.NewString(), newSale(nil)

	conn := must(f.db.Owner.Acquire(t.Context()))
	if _, err := conn.Exec(t.Context(), `select pg_advisory_lock(hashtextextended(
		jsonb_build_array('user:u', 'POST', '/v1/tickets', $1::text)::text, 0))`, key); err != nil {
		t.Fatal(err)
	}
	a := f.postTicket(till, key, ticket.json())
	f.requireProblem(a, http.StatusConflict, "in-flight")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	conn.Hijack().Close(t.Context()) // the other process dies; PostgreSQL needs a moment to see it
	for range 500 {
		if a = f.postTicket(till, key, ticket.json()); a.StatusCode != http.StatusConflict {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.requireStatus(a, http.StatusCreated)
}

// Many send the same ticket at the same moment, under one key and under many: one is accepted, and nobody hears of another.
func TestConcurrentDuplicates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till, shared := f.store("S1"), uuid.NewString()
	ticket := newSale(nil)
	const senders = 24
	answers := make([]answer, senders)
	var sending sync.WaitGroup
	for i := range senders {
		key := shared
		if i%2 == 0 {
			key = uuid.NewString()
		}
		sending.Go(func() { answers[i] = f.postTicket(till, key, ticket.json()) })
	}
	sending.Wait()

	created := 0
	var receipt []byte
	for _, a := range answers {
		switch a.StatusCode {
		case http.StatusCreated, http.StatusOK:
			created++
			if receipt == nil {
				receipt = a.body
			}
			if !bytes.Equal(receipt, a.body) {
				t.Errorf("two answers for one ticket: %s and %s", receipt, a.body)
			}
		case http.StatusConflict:
			f.requireProblem(a, http.StatusConflict, "in-flight")
		default:
			t.Errorf("status %d: %s", a.StatusCode, a.body)
		}
	}
	if created < senders/2 {
		t.Errorf("only %d of %d were told that the ticket is accepted", created, senders)
	}
	if n := f.count("select count(*) from book.tickets"); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

// Different tickets under one number, all at once: exactly one wins.
func TestConcurrentConflicts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till := f.store("S1")
	const senders = 16
	statuses := make([]int, senders)
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			statuses[i] = f.postTicket(till, uuid.NewString(), newSale(nil).json()).StatusCode
		})
	}
	sending.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if count[http.StatusCreated] != 1 || count[http.StatusConflict] != senders-1 {
		t.Errorf("statuses: %v", count)
	}
}

func TestContentConflicts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2")
	till := f.store("S1", "S2")
	ticket := newSale(nil)
	f.requireStatus(f.postTicket(till, uuid.NewString(), ticket.json()), http.StatusCreated)
	for name, c := range map[string]struct {
		change  func(*sale)
		pointer string
	}{
		"the id with another amount":           {func(s *sale) { s.id = ticket.id; s.amount = 1 }, "/transactionId"},
		"the id with another number":           {func(s *sale) { s.id = ticket.id; s.number = 2 }, "/transactionId"},
		"the id at another store":              {func(s *sale) { s.id = ticket.id; s.store = "S2" }, "/transactionId"},
		"the number with another id":           {func(s *sale) {}, "/sequenceNumber"},
		"the number with another id and value": {func(s *sale) { s.amount = 5 }, "/sequenceNumber"},
	} {
		p := f.requireProblem(f.postTicket(till, uuid.NewString(), newSale(c.change).json()), http.StatusConflict, "content-conflict")
		if len(p.Errors) != 1 || p.Errors[0].Pointer != c.pointer {
			t.Errorf("%s: %+v", name, p.Errors)
		}
	}
	for name, change := range map[string]func(*sale){
		"another day":   func(s *sale) { s.day = "2026-03-03" },
		"another till":  func(s *sale) { s.till = "2" },
		"another store": func(s *sale) { s.store = "S2" },
	} {
		if a := f.postTicket(till, uuid.NewString(), newSale(change).json()); a.StatusCode != http.StatusCreated {
			t.Errorf("the number on %s: %d %s", name, a.StatusCode, a.body)
		}
	}
}

// What the ledger rejected may be sent again, mended, under the same id and number; the refusal stays on record.
func TestRejectedTicketMended(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till, ticket := f.store("S1"), newSale(nil)
	f.requireStatus(f.postTicket(till, uuid.NewString(), ticket.json()), http.StatusCreated)
	f.exec("update book.tickets set state = 'rejected', reason = 'because', seed = null, body = null")
	a := f.requireStatus(f.do("GET", "/v1/tickets/"+ticket.id, till, ""), http.StatusOK)
	if want := `"status":"rejected","reason":"because"`; !bytes.Contains(a.body, []byte(want)) {
		t.Errorf("got %s, want %s", a.body, want)
	}

	mended := ticket
	mended.amount = 100
	f.requireStatus(f.postTicket(till, uuid.NewString(), mended.json()), http.StatusCreated)
	a = f.requireStatus(f.do("GET", "/v1/tickets/"+ticket.id, till, ""), http.StatusOK)
	if want := `{"transactionId":"` + ticket.id + `","status":"accepted"}`; strings.TrimSpace(string(a.body)) != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	if f.count("select count(*) from book.refusals where transaction_id = $1 and reason = 'because'", ticket.id) != 1 {
		t.Error("the refusal is gone")
	}
	f.requireProblem(f.postTicket(till, uuid.NewString(), ticket.json()), http.StatusConflict, "content-conflict")
}

func TestGetTicket(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2")
	ticket := newSale(nil)
	f.requireStatus(f.postTicket(f.store("S1"), uuid.NewString(), ticket.json()), http.StatusCreated)
	f.exec("update book.tickets set state = 'recorded', seed = null, body = null, tx_id = 'abc', block = 7")
	path := "/v1/tickets/" + ticket.id
	want := `{"transactionId":"` + ticket.id + `","status":"recorded","ledger":{"channel":"tickets","txId":"abc","block":7}}`
	for name, token := range map[string]string{
		"the store":       f.store("S1"),
		"its head office": f.token(map[string]any{"role": "store", "retailerId": "main"}),
		"an admin":        f.admin(),
	} {
		if a := f.do("GET", path, token, ""); strings.TrimSpace(string(a.body)) != want {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	for name, token := range map[string]string{
		"another store":         f.store("S2"),
		"another's head office": f.token(map[string]any{"role": "store", "retailerId": "other"}),
	} {
		t.Log(name)
		f.requireProblem(f.do("GET", path, token, ""), http.StatusNotFound, "not-found")
	}
	f.requireProblem(f.do("GET", "/v1/tickets/"+uuid.NewString(), f.admin(), ""), http.StatusNotFound, "not-found")
	f.requireProblem(f.do("GET", "/v1/tickets/nonsense", f.admin(), ""), http.StatusNotFound, "not-found")
}

// A ticket is anchored once a root that covers it is deep enough on Ethereum to stay.
func TestGetAnchoredTicket(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.db.LoadShop(t)
	f.exec(`insert into view.log_entries (log_index, ticket_key, commitment, block)
		select row_number() over (order by block, transaction_id) - 1, ticket_key, commitment, block from view.tickets`)
	for i, anchored := range []struct {
		size  int
		final bool
	}{{2, true}, {4, false}} {
		f.exec(`insert into view.anchors (chain_id, contract, epoch, size, root, previous_size, previous_root, transaction, block, block_hash, at, final)
			values (1337, substr(sha256('c'), 1, 20), 1, $1::bigint, sha256('r'), $1::bigint - 1, sha256('p'), sha256('t'), $2::bigint, sha256('b'), now(), $3)`,
			anchored.size, 100+i, anchored.final)
	}
	for number, want := range []string{"anchored", "anchored", "recorded", "recorded"} {
		a := f.requireStatus(f.do("GET", fmt.Sprintf("/v1/tickets/00000000-0000-4000-8000-00000000000%d", number+1), f.admin(), ""), http.StatusOK)
		var got struct {
			Status string
			Ledger *struct{ TxID string }
			Anchor *struct {
				Size, Block       int
				Root, Transaction string
			}
		}
		if err := json.Unmarshal(a.body, &got); err != nil {
			t.Fatal(err)
		}
		if got.Status != want || got.Ledger == nil || (got.Anchor != nil) != (want == "anchored") {
			t.Errorf("ticket %d: %s", number+1, a.body)
		}
		if got.Anchor != nil && (got.Anchor.Size != 2 || got.Anchor.Block != 100 || len(got.Anchor.Root) != 66 || len(got.Anchor.Transaction) != 66) {
			t.Errorf("ticket %d: %s", number+1, a.body)
		}
	}
}

// Of another's store the answer is the same as of one that is not there.
func TestPostTicketOfOtherStores(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2")
	f.exec("insert into book.stores (store_id, name, retailer_id) values ('X1', 'X', 'other')")
	post := func(token, store string) answer {
		return f.postTicket(token, uuid.NewString(), newSale(func(s *sale) { s.store = store }).json())
	}
	others := f.requireProblem(post(f.store("S1"), "S2"), http.StatusUnprocessableEntity, "invalid")
	nobodys := f.requireProblem(post(f.store("S1"), "S3"), http.StatusUnprocessableEntity, "invalid")
	if len(others.Errors) != 1 || others.Errors[0].Pointer != "/storeId" || others.Errors[0] != nobodys.Errors[0] {
		t.Errorf("another's: %+v, nobody's: %+v", others.Errors, nobodys.Errors)
	}
	headOffice := f.token(map[string]any{"role": "store", "retailerId": "main"})
	f.requireProblem(post(headOffice, "X1"), http.StatusUnprocessableEntity, "invalid")
	f.requireProblem(post(f.store("S9"), "S9"), http.StatusUnprocessableEntity, "invalid") // its own, but not registered
	f.requireStatus(post(headOffice, "S2"), http.StatusCreated)
}

func TestPostTicketRoles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	for _, claims := range []map[string]any{
		{"role": "customer", "loyaltyId": "M1"}, {"role": "manufacturer", "manufacturerId": "P1"},
		{"role": "auditor"}, {"role": "admin"},
	} {
		f.requireProblem(f.postTicket(f.token(claims), uuid.NewString(), newSale(nil).json()), http.StatusForbidden, "forbidden")
	}
	f.requireProblem(f.postTicket("", uuid.NewString(), newSale(nil).json()), http.StatusUnauthorized, "unauthorized")
}

func TestHostileTickets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	good := newSale(nil).json()
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"nothing":            {"", 400},
		"no JSON":            {"ticket", 400},
		"half a ticket":      {good[:len(good)-5], 400},
		"two tickets":        {good + good, 400},
		"a list":             {"[" + good + "]", 422},
		"null":               {"null", 422},
		"a repeated field":   {strings.Replace(good, `"storeId"`, `"transactionType":"Sale","storeId"`, 1), 400},
		"an unknown field":   {strings.Replace(good, `"storeId"`, `"shopId":"1","storeId"`, 1), 422},
		"a NUL in an id":     {strings.Replace(good, `"storeId":"S1"`, `"storeId":"S1\u0000"`, 1), 422},
		"a lone surrogate":   {strings.Replace(good, `"storeId":"S1"`, `"storeId":"\ud800"`, 1), 400},
		"invalid UTF-8":      {strings.Replace(good, `"storeId":"S1"`, "\"storeId\":\"\xff\"", 1), 400},
		"a float":            {strings.Replace(good, `"grand":13900`, `"grand":13900.0`, 1), 422},
		"beyond 53 bits":     {strings.Replace(good, `"sequenceNumber":1,"businessDay`, `"sequenceNumber":9007199254740993,"businessDay`, 1), 422},
		"the year 0":         {strings.ReplaceAll(good, "2026-03-02", "0000-03-02"), 422},
		"a wrong total":      {strings.Replace(good, `"grand":13900`, `"grand":1`, 1), 422},
		"a far future":       {strings.ReplaceAll(good, "2026-03-02", "9999-12-31"), 422},
		"SQL in an id":       {strings.Replace(good, `"itemId":"A"`, `"itemId":"'); drop table book.tickets; --"`, 1), 201},
		"nested without end": {strings.Repeat("[", 100_000), 400},
		"a name like ours":   {strings.Replace(good, `"storeId"`, `"__proto__":{},"storeId"`, 1), 422},
		"more than 1 MiB":    {`{"a":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
	} {
		a := f.postTicket(f.store("S1"), uuid.NewString(), c.body)
		if a.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d: %s", name, a.StatusCode, c.status, a.body)
		}
	}
}
