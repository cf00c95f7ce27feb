package bench

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A large file has so many tickets, of so many lines, again and again: from the second time on each is a duplicate. So its
// size is limited by nothing, and the ledger has to take only the first of them.
const (
	largeTickets = 2000
	largeLines   = 200
)

// A LargeFile is an upload of one file. Its tickets are not on the ledger yet when it ends.
type LargeFile struct {
	Encoding             string  `json:"encoding"` // "": none
	Bytes                int64   `json:"bytes"`    // unpacked
	Sent                 int64   `json:"sent"`
	Accepted             int     `json:"accepted"`
	Duplicate            int     `json:"duplicate"`
	Seconds              float64 `json:"seconds"`
	BytesAtFirstAnswer   int64   `json:"bytesAtFirstAnswer"` // unpacked, that had been written by then
	AnswersAtHalf        int64   `json:"answersAtHalf"`      // when half of the file had been written
	CollectorPeakBytes   int64   `json:"collectorPeakBytes"`
	CollectorBytesAtRest int64   `json:"collectorBytesAtRest"` // before it
}

// LargeFiles are files that are alike, in each encoding.
type LargeFiles []LargeFile

// RunLargeFiles uploads a file of so many bytes in each encoding, one after the other. Before them goes a small one.
func RunLargeFiles(ctx context.Context, envFile string, size int64, progress func(message string)) (LargeFiles, error) {
	s, err := open(ctx, envFile)
	if err != nil {
		return nil, err
	}
	defer s.close()
	s.client.Timeout = 0
	tickets := make([][]byte, largeTickets)
	for i := range tickets {
		tickets[i] = s.work.ofLines(largeLines)
	}
	var files LargeFiles
	for _, f := range []LargeFile{{Bytes: min(size, 16<<20)}, {Bytes: size}, {Bytes: size, Encoding: "gzip"}, {Bytes: size, Encoding: "zstd"}} {
		progress(fmt.Sprintf("%d MB, %s", f.Bytes>>20, encodingName(f.Encoding)))
		f.CollectorBytesAtRest = s.residentBytes(ctx)
		memory := watchMemory(ctx, s)
		err := s.uploadLarge(ctx, tickets, &f)
		f.CollectorPeakBytes = memory.stop()
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func encodingName(encoding string) string {
	if encoding == "" {
		return "plain"
	}
	return encoding
}

// progressOfUpload is shared by the two sides of an upload.
type progressOfUpload struct{ written, sent, answers atomic.Int64 }

func (s *system) uploadLarge(ctx context.Context, tickets [][]byte, f *LargeFile) error {
	var at progressOfUpload
	reader, writer := io.Pipe()
	defer reader.Close()
	go func() { writer.CloseWithError(at.write(writer, tickets, f)) }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.collector("/v1/ticket-files"), reader)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.tillKey)
	request.Header.Set("Content-Type", "application/x-ndjson")
	if f.Encoding != "" {
		request.Header.Set("Content-Encoding", f.Encoding)
	}
	began := time.Now()
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := at.read(response, f); err != nil {
		return err
	}
	f.Seconds, f.Sent = time.Since(began).Seconds(), at.sent.Load()
	return nil
}

// write sends the tickets over and over until the file has its size.
func (at *progressOfUpload) write(to io.Writer, tickets [][]byte, f *LargeFile) error {
	packed, err := compressor(counter{to, &at.sent}, f.Encoding)
	if err != nil {
		return err
	}
	lines := bufio.NewWriterSize(counter{packed, &at.written}, 64<<10)
	for i, written := 0, int64(0); written < f.Bytes; i++ {
		ticket := tickets[i%len(tickets)]
		lines.Write(ticket)
		if err := lines.WriteByte('\n'); err != nil {
			return err
		}
		before := written
		written += int64(len(ticket)) + 1
		if before < f.Bytes/2 && written >= f.Bytes/2 {
			f.AnswersAtHalf = at.answers.Load()
		}
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	return packed.Close()
}

// read counts the answers, up to the summary, without which the file was not taken to its end.
func (at *progressOfUpload) read(response *http.Response, f *LargeFile) error {
	answers := json.NewDecoder(response.Body)
	for {
		var line struct {
			Status  string
			Problem json.RawMessage
			Summary *struct{ Accepted, Duplicate, Rejected int }
		}
		if err := answers.Decode(&line); err != nil {
			return fmt.Errorf("read the answer (%s) after %d lines: %w", response.Status, at.answers.Load(), err)
		}
		if line.Summary != nil {
			f.Accepted, f.Duplicate = line.Summary.Accepted, line.Summary.Duplicate
			return nil
		}
		if line.Problem != nil {
			return fmt.Errorf("%w: %s %s", errRefused, response.Status, line.Problem)
		}
		if at.answers.Add(1) == 1 {
			f.BytesAtFirstAnswer = at.written.Load()
		}
	}
}

// A counter counts what is written.
type counter struct {
	io.Writer
	bytes *atomic.Int64
}

func (c counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

func compressor(to io.Writer, encoding string) (io.WriteCloser, error) {
	switch encoding {
	case "gzip":
		return gzip.NewWriterLevel(to, gzip.BestSpeed)
	case "zstd":
		return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	}
	return plain{to}, nil
}

// Print writes a row for each file.
func (files LargeFiles) Print(w io.Writer) {
	fmt.Fprintf(w, "%-6s %9s %9s %9s %10s %8s %9s %15s %15s\n", "", "MB", "MB sent", "accepted", "duplicate", "seconds", "peak MB", "MB, 1st answer", "answers at half")
	for _, f := range files {
		fmt.Fprintf(w, "%-6s %9.0f %9.1f %9d %10d %8.1f %9.0f %15.1f %15d\n", encodingName(f.Encoding), float64(f.Bytes)/1e6, float64(f.Sent)/1e6,
			f.Accepted, f.Duplicate, f.Seconds, float64(f.CollectorPeakBytes)/1e6, float64(f.BytesAtFirstAnswer)/1e6, f.AnswersAtHalf)
	}
}
