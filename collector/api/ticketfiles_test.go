package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"github.com/tillproof/tillproof/collector/ingest"
)

// fileLine is a line of the answer to a file.
type fileLine struct {
	Line          int
	TransactionID string
	Status        string
	Problem       *problem
	Summary       *struct{ Accepted, Duplicate, Rejected int }
}

// upload sends a file and gives the answer's lines, the summary apart.
func (f *fixture) upload(token, body string, headers ...string) (lines []fileLine, summary fileLine) {
	f.Helper()
	a := f.requireStatus(f.do("POST", "/v1/ticket-files", token, body, headers...), http.StatusOK)
	return f.readLines(bytes.NewReader(a.body))
}

func (f *fixture) readLines(r io.Reader) (lines []fileLine, last fileLine) {
	f.Helper()
	decoder := json.NewDecoder(r)
	for {
		var line fileLine
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			f.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		f.Fatal("an empty answer")
	}
	return lines[:len(lines)-1], lines[len(lines)-1]
}

func (f *fixture) requireSummary(last fileLine, accepted, duplicate, rejected int) {
	f.Helper()
	if last.Summary == nil {
		f.Fatalf("no summary, but %+v", last)
	}
	if got := *last.Summary; got.Accepted != accepted || got.Duplicate != duplicate || got.Rejected != rejected {
		f.Errorf("summary %+v, want %d accepted, %d duplicate, %d rejected", got, accepted, duplicate, rejected)
	}
}

func statuses(lines []fileLine) string {
	var text []string
	for _, line := range lines {
		text = append(text, fmt.Sprintf("%d:%s", line.Line, line.Status))
	}
	return strings.Join(text, " ")
}

// Each bad line is refused by itself, and says why; the others are accepted, in their order.
func TestTicketFile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	sales := make([]sale, 4)
	for i := range sales {
		sales[i] = newSale(func(s *sale) { s.number = i + 1 })
	}
	conflicting := sales[1]
	conflicting.amount = 3
	file := strings.Join([]string{
		"\ufeff" + sales[0].json() + "\r", // 1: a byte order mark and a DOS line end
		`{"schemaVersion":"1"`,            // 2: broken JSON
		"",                                // 3: blank
		strings.Repeat("x", 3<<20),        // 4: too long, by more than any buffer
		sales[1].json(),                   // 5
		sales[1].json(),                   // 6: the same again
		conflicting.json(),                // 7: another of the same id
		newSale(func(s *sale) { s.store = "S2" }).json(),                  // 8: not our store
		strings.Replace(sales[2].json(), `"grand":13900`, `"grand":1`, 1), // 9: wrong total
		sales[2].json(), // 10: the same, mended
		sales[3].json(), // 11: no newline at the end
	}, "\n")
	lines, last := f.upload(f.store("S1"), file)
	want := "1:accepted 2:rejected 4:rejected 5:accepted 6:duplicate 7:rejected 8:rejected 9:rejected 10:accepted 11:accepted"
	if got := statuses(lines); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f.requireSummary(last, 4, 1, 5)
	for line, want := range map[int]struct {
		status int
		rule   string
	}{1: {400, "json"}, 2: {413, ""}, 5: {409, "transaction-id-used"}, 6: {422, "unknown-store"}, 7: {422, "total-mismatch"}} {
		p := lines[line].Problem
		if p == nil || p.Status != want.status || want.rule != "" && (len(p.Errors) == 0 || p.Errors[0].Rule != want.rule) {
			t.Errorf("line %d: %+v", lines[line].Line, p)
		}
	}
	if lines[7].TransactionID != sales[2].id {
		t.Error("a refused ticket that can be read is not named")
	}
	if n := f.count("select count(*) from book.tickets"); n != 4 {
		t.Errorf("%d tickets", n)
	}
	ordered := f.count(`select count(*) from (select sequence_number, row_number() over (order by id) as place
		from book.tickets) t where sequence_number = place`)
	if ordered != 4 {
		t.Error("the order of acceptance is not the file's")
	}
}

func TestTicketFileOfManyGroupsAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	const n = 1700
	var file strings.Builder
	for i := range n {
		file.WriteString(newSale(func(s *sale) { s.number = i + 1 }).json() + "\n")
	}
	lines, last := f.upload(f.store("S1"), file.String())
	f.requireSummary(last, n, 0, 0)
	for i, line := range lines {
		if line.Line != i+1 {
			t.Fatalf("answer %d is for line %d", i+1, line.Line)
		}
	}
	_, last = f.upload(f.admin(), file.String())
	f.requireSummary(last, 0, n, 0)
	if f.count("select count(*) from book.tickets") != n {
		t.Error("the second time changed something")
	}
}

func TestTicketFileEmpty(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, body := range []string{"", "\n", "\r\n  \n\n"} {
		lines, last := f.upload(f.admin(), body)
		if len(lines) != 0 {
			t.Errorf("%q: %v", body, lines)
		}
		f.requireSummary(last, 0, 0, 0)
	}
}

func TestTicketFileEncodings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	plain := newSale(nil).json() + "\n"
	zipped := compress(t, plain, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	zstandard := compress(t, plain, func(w io.Writer) io.WriteCloser { return must(zstd.NewWriter(w)) })
	_, last := f.upload(f.store("S1"), zipped, "Content-Encoding", "gzip")
	f.requireSummary(last, 1, 0, 0)
	_, last = f.upload(f.store("S1"), zstandard, "Content-Encoding", "zstd")
	f.requireSummary(last, 0, 1, 0)
	_, last = f.upload(f.store("S1"), plain, "Content-Encoding", "identity")
	f.requireSummary(last, 0, 1, 0)

	post := func(body, encoding string) answer {
		return f.do("POST", "/v1/ticket-files", f.store("S1"), body, "Content-Encoding", encoding)
	}
	f.requireProblem(post(plain, "br"), http.StatusUnsupportedMediaType, "content-encoding")
	f.requireProblem(post(plain, "gzip"), http.StatusBadRequest, "incomplete")
	f.requireProblem(post(plain, "zstd"), http.StatusBadRequest, "incomplete")
	f.requireProblem(post("", "gzip"), http.StatusBadRequest, "incomplete")
}

// A compressed file that is cut short: what came through is accepted, and the answer says that there was more.
func TestTicketFileTruncated(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	var plain strings.Builder
	for i := range 2000 {
		plain.WriteString(newSale(func(s *sale) { s.number = i + 1 }).json() + "\n")
	}
	zipped := compress(t, plain.String(), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	lines, last := f.upload(f.store("S1"), zipped[:len(zipped)/2], "Content-Encoding", "gzip")
	if last.Summary != nil || last.Problem == nil || last.Problem.Status != http.StatusBadRequest {
		t.Errorf("the last line is %+v", last)
	}
	if len(lines) == 0 || len(lines) == 2000 || f.count("select count(*) from book.tickets") != len(lines) {
		t.Errorf("%d lines answered, %d accepted", len(lines), f.count("select count(*) from book.tickets"))
	}
}

func compress(t *testing.T, text string, open func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var compressed bytes.Buffer
	w := open(&compressed)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return compressed.String()
}

// conversation is a file sent line by line, while its answer is read.
type conversation struct {
	*fixture
	body   *io.PipeWriter
	answer *bufio.Scanner
}

func (f *fixture) converse(token, firstLine string) *conversation {
	f.Helper()
	reader, writer := io.Pipe()
	request := must(http.NewRequest("POST", f.server.URL+"/v1/ticket-files", reader))
	request.Header.Set("Authorization", "Bearer "+token)
	go io.WriteString(writer, firstLine+"\n")
	response, err := f.server.Client().Do(request)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { writer.Close(); response.Body.Close() })
	return &conversation{f, writer, bufio.NewScanner(response.Body)}
}

func (c *conversation) next() (line fileLine) {
	c.Helper()
	if !c.answer.Scan() {
		c.Fatalf("no further line: %v", c.answer.Err())
	}
	if err := json.Unmarshal(c.answer.Bytes(), &line); err != nil {
		c.Fatal(err)
	}
	return line
}

// Each line is answered before the next is sent: the answer streams.
func TestTicketFileAnswersWhileItIsSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	c := f.converse(f.store("S1"), newSale(nil).json())
	if line := c.next(); line.Line != 1 || line.Status != "accepted" {
		t.Fatalf("%+v", line)
	}
	io.WriteString(c.body, newSale(func(s *sale) { s.number = 2 }).json()+"\n")
	if line := c.next(); line.Line != 2 || line.Status != "accepted" {
		t.Fatalf("%+v", line)
	}
	c.body.Close()
	f.requireSummary(c.next(), 2, 0, 0)
}

// A collector that is being stopped does not wait for the end of a file: it says so, and what was answered holds.
func TestTicketFileWhenStopping(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	f := newFixture(t, func(o *options) { o.stopping = stopping })
	f.registerStores("S1")
	c := f.converse(f.store("S1"), newSale(nil).json())
	c.next()
	close(stopping)
	if line := c.next(); line.Problem == nil || line.Problem.Status != http.StatusServiceUnavailable {
		t.Errorf("%+v", line)
	}
	if c.answer.Scan() {
		t.Errorf("and then %s", c.answer.Text())
	}
}

// A short outage of the hot state only slows a file down.
func TestTicketFileSitsOutAnOutage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *options) {
		o.acceptor = func(real ingest.Acceptor) ingest.Acceptor { return &faulty{real: real, lost: 2} }
	})
	f.registerStores("S1")
	_, last := f.upload(f.store("S1"), newSale(nil).json())
	f.requireSummary(last, 1, 0, 0)
}

func TestTicketFileRoles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.requireProblem(f.do("POST", "/v1/ticket-files", f.token(map[string]any{"role": "auditor"}), ""), 403, "forbidden")
	f.requireProblem(f.do("POST", "/v1/ticket-files", "", ""), 401, "unauthorized")
}

// Real tickets: all are accepted, and all are duplicates the second time.
func TestTicketFilesOfRealData(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the real data are not beside this repository (../shared/data)")
	}
	for _, set := range []string{"dunnhumby-2017-01", "online-retail-2010-12"} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			for _, kind := range []string{"stores", "manufacturers", "customers", "products"} {
				rows, err := os.ReadFile(filepath.Join(folder, set, kind+".ndjson"))
				if errors.Is(err, os.ErrNotExist) {
					continue
				}
				_, last := f.readLines(bytes.NewReader(f.do("POST", "/v1/registrations/"+kind, f.admin(), string(must(rows, err))).body))
				if last.Summary == nil || last.Summary.Rejected != 0 {
					t.Fatalf("%s: %+v", kind, last)
				}
			}
			tickets := string(must(os.ReadFile(filepath.Join(folder, set, "tickets.ndjson"))))
			n := strings.Count(tickets, "\n")
			_, last := f.upload(f.admin(), tickets)
			f.requireSummary(last, n, 0, 0)
			_, last = f.upload(f.admin(), tickets)
			f.requireSummary(last, 0, n, 0)
		})
	}
}

func TestFileOfAnotherStoreByTillKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1", "S2")
	a := f.requireStatus(f.do("POST", "/v1/stores/S1/keys", f.admin(), ""), http.StatusCreated)
	var made struct{ Key string }
	if err := json.Unmarshal(a.body, &made); err != nil {
		t.Fatal(err)
	}
	_, last := f.upload(made.Key, newSale(nil).json()+"\n"+newSale(func(s *sale) { s.store = "S2" }).json())
	f.requireSummary(last, 1, 0, 1)
	f.requireStatus(f.postTicket(made.Key, uuid.NewString(), newSale(func(s *sale) { s.number = 2 }).json()), http.StatusCreated)
}
