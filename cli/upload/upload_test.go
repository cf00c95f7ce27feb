package upload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/tillproof/tillproof/domain/ticket"
)

func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zstandard(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

const one = `{"transactionId":"one","amount":1}`

func TestEveryFormOfInputIsRead(t *testing.T) {
	spread := "{\n  \"transactionId\": \"one\",\n  \"amount\": 1\n}\n"
	for name, text := range map[string]string{
		"a line":                 one + "\n",
		"no line break":          one,
		"carriage returns":       one + "\r\n" + "\r\n",
		"blank lines":            "\n\n" + one + "\n\n",
		"byte order mark":        "\xef\xbb\xbf" + one + "\n",
		"spread over lines":      spread,
		"spread, with mark":      "\xef\xbb\xbf" + strings.ReplaceAll(spread, "\n", "\r\n"),
		"spread, space in front": " " + spread,
		"gzip":                   zipped(t, one),
		"gzip in two parts":      zipped(t, one[:9]) + zipped(t, one[9:]),
		"zstd":                   zstandard(t, one),
		"gzip of a spread one":   zipped(t, spread),
	} {
		t.Run(name, func(t *testing.T) {
			collector := newTestCollector(t)
			folder := writeFiles(t, map[string]string{"some file": text})
			summary, shown, err := uploadTo(t.Context(), collector, func(options *Options) {
				options.Paths = []string{filepath.Join(folder, "some file")}
			})
			if err != nil || summary.Accepted != 1 || summary.Tickets() != 1 || !collector.ids()["one"] {
				t.Errorf("%v, %v\n%s", summary, err, shown)
			}
			summary, shown, err = uploadTo(t.Context(), collector, func(options *Options) {
				options.Paths, options.Stdin = []string{"-"}, iotest.OneByteReader(strings.NewReader(text))
			})
			if err != nil || summary.Duplicate != 1 || summary.Tickets() != 1 {
				t.Errorf("from standard input: %v, %v\n%s", summary, err, shown)
			}
		})
	}
}

func TestFolderIsSearched(t *testing.T) {
	named := func(id string) string { return strings.Replace(one, "one", id, 1) }
	folder := writeFiles(t, map[string]string{
		"a.ndjson": named("a") + "\n" + named("a2"), "b.json": named("b"), "c.ndjson.gz": zipped(t, named("c")),
		"below/d.json.zst": zstandard(t, named("d")), "below/further/e.ndjson": named("e"),
		"readme.txt": "no tickets", "stores.ndjson": `{"storeId":"1"}`, "empty.ndjson": "",
	})
	collector := newTestCollector(t)
	summary, shown, err := uploadTo(t.Context(), collector, func(options *Options) { options.Paths = []string{folder} })
	if err != nil || summary.Accepted != 6 || summary.Tickets() != 6 {
		t.Errorf("%v, %v", summary, err)
	}
	if got := strings.Join(slices.Sorted(maps.Keys(collector.ids())), " "); got != "a a2 b c d e" {
		t.Errorf("taken: %s", got)
	}
	if !strings.Contains(shown, "stores.ndjson") {
		t.Errorf("the user is not told what is passed over: %q", shown)
	}
	if collector.requests != 1 {
		t.Errorf("%d requests for six tickets", collector.requests)
	}
}

func TestInputsThatCannotBeRead(t *testing.T) {
	folder := writeFiles(t, map[string]string{
		"empty/readme.txt": "no tickets",
		"array.json":       "[\n" + one + "\n]\n",
		"two.json":         "{\n\"a\": 1\n}\n{\n\"a\": 1\n}\n",
		"cut.ndjson.gz":    zipped(t, ticketLines(0, 5000))[:9000],
		"bad.zst":          "\x28\xb5\x2f\xfd and then something else",
	})
	for name, want := range map[string]string{
		"missing": "no such file", "empty": "no *.ndjson", "array.json": "jq -c", "two.json": "jq -c",
		"cut.ndjson.gz": "cut.ndjson.gz", "bad.zst": "bad.zst",
	} {
		collector := newTestCollector(t)
		summary, _, err := uploadTo(t.Context(), collector, func(options *Options) {
			options.Paths = []string{filepath.Join(folder, name)}
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
		// What could be read is not lost for what could not.
		if name == "cut.ndjson.gz" && (summary.Accepted == 0 || summary.Tickets() != int64(len(collector.ids()))) {
			t.Errorf("%s: %v", name, summary)
		}
	}
}

func TestRejectedTicketsAreShownAndKept(t *testing.T) {
	broken := `{"transactionId":"broken",`
	refused := `{"transactionId":"refused <b>","amount":-5,"n":1.50}`
	long := `{"transactionId":"long","padding":"` + strings.Repeat("x", 2*ticket.MaxBytes) + `"}`
	folder := writeFiles(t, map[string]string{
		"in.ndjson": strings.Join([]string{one, broken, "", refused, long, strings.Replace(one, "one", "two", 1)}, "\n"),
	})
	kept := filepath.Join(folder, "rejected.ndjson")
	collector := newTestCollector(t)
	in := filepath.Join(folder, "in.ndjson")
	summary, shown, err := uploadTo(t.Context(), collector, func(options *Options) {
		options.Paths, options.RejectedFile = []string{in}, kept
	})
	if err != nil || summary.Accepted != 2 || summary.Rejected != 3 {
		t.Fatalf("%v, %v", summary, err)
	}
	for _, want := range []string{
		in + ":2: rejected: syntax: not JSON",
		in + ":4: rejected: /totals/grand total-mismatch: adds up to -5",
		in + ":5: rejected: not sent: the line is longer",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in\n%s", want, shown)
		}
	}
	content, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	byLine := map[int]rejectedTicket{}
	for line := range bytes.Lines(content) {
		var ticket rejectedTicket
		if err := json.Unmarshal(line, &ticket); err != nil {
			t.Fatal(err)
		}
		byLine[ticket.Line] = ticket
	}
	if len(byLine) != 3 || byLine[2].Text != broken || !bytes.Contains(byLine[5].Problem, []byte("longer")) {
		t.Errorf("kept: %s", content)
	}
	if got := byLine[4]; string(got.Ticket) != refused || got.File != in || !bytes.Contains(got.Problem, []byte("total-mismatch")) {
		t.Errorf("kept: %+v", got)
	}
	if _, _, err = uploadTo(t.Context(), collector, func(options *Options) {
		options.Paths, options.RejectedFile = []string{in}, in
	}); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("the input would be written over: %v", err)
	}
}

func TestManyRejectedTicketsAreCounted(t *testing.T) {
	collector := newTestCollector(t)
	text := strings.Repeat("no ticket\n", 1+shownRejects+1234)
	kept := filepath.Join(t.TempDir(), "rejected")
	summary, shown, err := uploadTo(t.Context(), collector, from(text))
	if err != nil || summary.Rejected != 1+shownRejects+1234 {
		t.Errorf("%v, %v", summary, err)
	}
	if lines := strings.Count(shown, ": rejected: "); lines != shownRejects || !strings.Contains(shown, "1,235 more rejected; --rejected") {
		t.Errorf("%d lines shown:\n%s", lines, shown)
	}
	if _, _, err := uploadTo(t.Context(), collector, func(options *Options) {
		from(one)(options)
		options.RejectedFile = kept
	}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(kept); err == nil {
		t.Error("an empty file of rejected tickets is left")
	}
}

// A ticket's text must not steer the terminal it is shown on.
func TestControlCharactersAreNotShown(t *testing.T) {
	collector := newTestCollector(t)
	_, shown, err := uploadTo(t.Context(), collector, from(`{"transactionId":"x","amount":-1,"padding":"\u001b[2J\u0007\u009b"}`))
	if err != nil || !strings.Contains(shown, "adds up to") || strings.ContainsAny(shown, "\x1b\a\u009b") {
		t.Errorf("shown: %q, %v", shown, err)
	}
}

// Cut into chunks in whatever way, nothing is missing, doubled or misplaced.
func TestChunksCoverTheInput(t *testing.T) {
	const tickets = 2*chunkTickets + 1
	collector := newTestCollector(t)
	text := ticketLines(0, chunkTickets-1) + "broken\n" + ticketLines(chunkTickets, tickets-chunkTickets) + "broken too\n"
	summary, shown, err := uploadTo(t.Context(), collector, from(text))
	if err != nil || summary.Accepted != tickets-1 || summary.Rejected != 2 || collector.requests != 3 {
		t.Errorf("%v in %d requests, %v", summary, collector.requests, err)
	}
	for _, line := range []int{chunkTickets, tickets + 1} {
		if !strings.Contains(shown, fmt.Sprintf("standard input:%d: rejected", line)) {
			t.Errorf("line %d is not named in\n%s", line, shown)
		}
	}
}

func TestLargeTicketsMakeSmallChunks(t *testing.T) {
	collector := newTestCollector(t)
	padding := strings.Repeat("x", ticket.MaxBytes-100)
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, `{"transactionId":"%d","padding":%q}`+"\n", i, padding)
	}
	summary, _, err := uploadTo(t.Context(), collector, from(text.String()))
	if err != nil || summary.Accepted != 20 || collector.requests != 3 {
		t.Errorf("%v in %d requests, %v", summary, collector.requests, err)
	}
}

func TestSummaryReadsWell(t *testing.T) {
	for _, test := range []struct {
		summary Summary
		want    string
	}{
		{Summary{Accepted: 3887, Took: 2_100_000_000}, "3,887 tickets: 3,887 accepted, 0 duplicate, 0 rejected in 2.1 s"},
		{Summary{Duplicate: 1}, "1 ticket: 0 accepted, 1 duplicate, 0 rejected in 0.0 s"},
		{Summary{Accepted: 1234567, Rejected: 999}, "1,235,566 tickets: 1,234,567 accepted, 0 duplicate, 999 rejected in 0.0 s"},
	} {
		if got := test.summary.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestProgressFitsTheTerminal(t *testing.T) {
	var out strings.Builder
	for _, width := range []int{0, 1, 20, 79, 80, 120, 200} {
		out.Reset()
		d := &display{terminal: Terminal{&out, func() int { return width }}, total: 1000, done: 410}
		d.summary = Summary{Accepted: 12000, Duplicate: 345}
		d.draw()
		shown := strings.TrimPrefix(out.String(), "\r\x1b[K")
		if len(shown) > max(0, width) {
			t.Errorf("width %d: %q", width, shown)
		}
		if width == 200 && (!strings.Contains(shown, "[########---") || !strings.Contains(shown, "41 %, 12,345 tickets")) {
			t.Errorf("shown: %q", shown)
		}
	}
}
