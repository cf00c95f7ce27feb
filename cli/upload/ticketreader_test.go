package upload

import (
	"bytes"
	"io"
	"testing"

	"github.com/tillproof/tillproof/domain/ticket"
)

// Whatever is read, every record can stand on a line of NDJSON by itself, and
// lines are counted upwards.
func FuzzTicketReader(f *testing.F) {
	f.Add([]byte("{}\n\n{\r\n\"a\": 1}\n"))
	f.Add([]byte("\xef\xbb\xbf[\n{}]"))
	f.Add(bytes.Repeat([]byte("x"), ticket.MaxBytes+3))
	f.Fuzz(func(t *testing.T, text []byte) {
		reader, last := newTicketReader(bytes.NewReader(text)), 0
		for {
			rec, err := reader.next()
			if err != nil {
				if err == io.EOF && last > 1+bytes.Count(text, []byte("\n")) {
					t.Errorf("%d lines of %q", last, text)
				}
				return
			}
			if rec.line <= last && last > 0 {
				t.Errorf("line %d follows line %d", rec.line, last)
			}
			last = rec.line
			if bytes.IndexByte(rec.body, '\n') >= 0 || (len(rec.body) == 0) == (rec.refusal == "") {
				t.Errorf("line %d: %q, refused: %q", rec.line, rec.body, rec.refusal)
			}
		}
	})
}
