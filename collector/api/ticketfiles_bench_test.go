package api_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/collector/api"
	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// takesAll accepts without a database, which is not what is measured here.
type takesAll struct{}

func (takesAll) Accept(_ context.Context, submissions []ingest.Submission) ([]ingest.Outcome, error) {
	outcomes := make([]ingest.Outcome, len(submissions))
	for i := range outcomes {
		outcomes[i].Status = ingest.Accepted
	}
	return outcomes, nil
}

// BenchmarkTicketFile uploads files of a gigabyte and reports the most memory that the process held meanwhile, client and
// server together: it must not depend on the size. The bomb is one line of a gigabyte of zeros.
//
//	go test ./api -run '^$' -bench TicketFile -benchtime 1x
func BenchmarkTicketFile(b *testing.B) {
	sizes := []int64{16 << 20, 1 << 30}
	for _, c := range []struct {
		name, encoding string
		compress       func(io.Writer) io.WriteCloser
		bomb           bool
	}{
		{"plain", "", func(w io.Writer) io.WriteCloser { return nopCloser{w} }, false},
		{"gzip", "gzip", func(w io.Writer) io.WriteCloser { return must(gzip.NewWriterLevel(w, gzip.BestSpeed)) }, false},
		{"zstd", "zstd", newZstd, false},
		{"bomb", "zstd", newZstd, true},
	} {
		for _, size := range sizes {
			b.Run(fmt.Sprintf("%s/%dMB", c.name, size>>20), func(b *testing.B) {
				server, token := serveFiles(b)
				b.SetBytes(size)
				for b.Loop() {
					peak := watchHeap()
					upload(b, server, token, c.encoding, func(w io.Writer) {
						out := c.compress(w)
						writeTickets(out, size, c.bomb)
						out.Close()
					})
					b.ReportMetric(float64(peak())/(1<<20), "peak-MB")
				}
			})
		}
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func newZstd(w io.Writer) io.WriteCloser {
	return must(zstd.NewWriter(w, zstd.WithWindowSize(1<<20), zstd.WithEncoderConcurrency(1)))
}

// serveFiles is a collector that knows one till key and accepts everything.
func serveFiles(b *testing.B) (url, token string) {
	b.Helper()
	db := hotstatetest.New(b)
	if _, err := db.Owner.Exec(b.Context(), "insert into book.stores (store_id, name, retailer_id) values ('S1', 'One', 'main')"); err != nil {
		b.Fatal(err)
	}
	key := auth.NewTillKey()
	hash := auth.HashTillKey(key)
	if _, err := hotstate.CreateTillKey(b.Context(), db.Collector, "S1", hash[:]); err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(api.New(api.Config{
		Log: slog.New(slog.DiscardHandler), Pool: db.Collector, Auth: auth.Authenticator{TillKeys: auth.NewTillKeys(db.Collector, time.Now)},
		TicketGroups: takesAll{}, Metrics: prometheus.NewRegistry(), Clock: time.Now,
	}))
	b.Cleanup(server.Close)
	return server.URL, key
}

func writeTickets(w io.Writer, size int64, bomb bool) {
	out := bufio.NewWriterSize(w, 1<<20)
	defer out.Flush()
	if bomb {
		zeros := make([]byte, 1<<20)
		for written := int64(0); written < size; written += int64(len(zeros)) {
			out.Write(zeros)
		}
		return
	}
	number := 0
	for written := 0; int64(written) < size; {
		number++
		n, _ := io.WriteString(out, newSale(func(s *sale) { s.number = number }).json()+"\n")
		written += n
	}
}

func upload(b *testing.B, url, token, encoding string, write func(io.Writer)) {
	b.Helper()
	reader, writer := io.Pipe()
	go func() { write(writer); writer.Close() }()
	request := must(http.NewRequest("POST", url+"/v1/ticket-files", reader))
	request.Header.Set("Authorization", "Bearer "+token)
	if encoding != "" {
		request.Header.Set("Content-Encoding", encoding)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	last := ""
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		last = lines.Text()
	}
	if !strings.Contains(last, `"summary"`) {
		b.Fatalf("status %d, ends with %.200s", response.StatusCode, last)
	}
}

// watchHeap looks ten times a second at what the heap takes of the system, until its result is asked for.
func watchHeap() (peak func() uint64) {
	runtime.GC()
	most, done, ended := uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-done:
				return
			}
		}
	}()
	return func() uint64 { close(done); <-ended; return most }
}
