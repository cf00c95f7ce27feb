package ticket_test

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ticket"
)

// TestRealTickets takes real trade, which is kept beside the project. Each
// ticket is good, and its canonical bytes are stable.
func TestRealTickets(t *testing.T) {
	const sets = "../../../shared/data/*/tickets.ndjson" // beside the repository
	files, err := filepath.Glob(sets)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the folder shared/data with real tickets is not beside the repository")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tickets := 0
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, ticket.MaxBytes)
		for lines.Scan() {
			tickets++
			decoded := decode(t, lines.Text())
			if found := decoded.Check(time.Now()); len(found) > 0 {
				t.Errorf("%s, line %d: %+v", file, tickets, found)
			}
			assertCanonical(t, decoded)
		}
		if lines.Err() != nil || tickets == 0 {
			t.Errorf("%s: %d tickets (%v)", file, tickets, lines.Err())
		}
	}
}
