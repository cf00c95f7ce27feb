package ingest_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
)

// Tills on two collectors send the same requests again and again over connections on which statements are lost, or done and
// their answers lost. Each ticket is accepted once, and under one key there is one answer.
func TestAcceptOverConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	_, db := newService(t)
	keys, err := keyring.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var collectors []*ingest.Service
	for i := range uint64(2) {
		collectors = append(collectors, ingest.NewService(db.Flaky(t, seed+i, 6), keys, time.Now))
	}
	const tills, tickets = 4, 12
	var sending sync.WaitGroup
	for till := range tills {
		sending.Go(func() {
			for n := range tickets {
				s := submission(t, uuid.NewString(), till*tickets+n+1)
				s.Key = &hotstate.IdempotencyKey{Caller: "u", Method: "POST", Path: "/v1/tickets", Key: uuid.NewString()}
				s.Sent = s.Canonical
				first := insist(t, collectors[till%2], s)
				if again := insist(t, collectors[(till+1)%2], s); !bytes.Equal(first, again) {
					t.Errorf("first %s, again %s", first, again)
				}
			}
		})
	}
	sending.Wait()
	if got := countTickets(t, db); got != tills*tickets {
		t.Errorf("%d tickets, want %d", got, tills*tickets)
	}
}

// insist sends until there is an answer, and gives its body.
func insist(t *testing.T, collector *ingest.Service, s ingest.Submission) []byte {
	for range 200 {
		outcomes, err := collector.Accept(t.Context(), []ingest.Submission{s})
		switch {
		case err != nil:
		case outcomes[0].Problem == nil:
			return outcomes[0].Answer.Body
		case outcomes[0].Problem.Status != 409: // of the key: its last holder's session is still ending
			t.Error(fmt.Errorf("refused: %+v", outcomes[0].Problem))
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("never answered")
	return nil
}
