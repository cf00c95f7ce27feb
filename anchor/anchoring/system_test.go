package anchoring_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/cosign"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// On a real geth, whose blocks come by themselves, through a restart of it.
func TestOnARealNode(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	geth := chaintest.Geth(t)
	f.options.Node = geth.Node
	f.options.FinalBlocks = 0
	f.restart()
	anchored := func(size int64) {
		t.Helper()
		for range 100 {
			f.Round(t.Context()) // until it is there, errors are waiting
			if sizes, final := f.anchors(); len(sizes) == final && final > 0 && sizes[final-1] == size {
				return
			}
			select {
			case <-t.Context().Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
		t.Fatalf("size %d was never anchored: %v", size, f.Round(t.Context()))
	}
	f.log.size = 5
	anchored(5)
	geth.Restart(t)
	f.log.size = 25
	anchored(25)
	for _, entry := range []int64{0, 24} { // by the rules of geth's development chain, and after its restart
		evidence, trust := f.evidence(entry)
		if _, err := evidence.Verify(trust); err != nil {
			t.Errorf("entry %d: %v", entry, err)
		}
	}
	if nonce, err := geth.Node.NonceAt(t.Context(), chaintest.Retail.Address(), nil); err != nil || nonce != 3 {
		t.Errorf("%d transactions, %v; want the contract's and two anchors", nonce, err)
	}
}

func TestReadyTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	ready := func() (int, string) {
		answer := httptest.NewRecorder()
		f.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/readyz", nil))
		return answer.Code, answer.Body.String()
	}
	if code, body := ready(); code != 503 {
		t.Errorf("before the first round: %d %s", code, body)
	}
	f.cosigner.refuses = cosign.ErrNotYet
	f.Once(t.Context())
	if code, body := ready(); code != 503 || !strings.Contains(body, "witness") || !json.Valid([]byte(body)) {
		t.Errorf("without a witness: %d %s", code, body)
	}
	f.cosigner.refuses = nil
	f.Once(t.Context())
	if code, body := ready(); code != 200 {
		t.Errorf("all well: %d %s", code, body)
	}
	f.options.Pause = time.Hour
	f.restart()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.Run(ctx) // ends at once
}

func TestOneServiceAtATime(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	first, second := &anchoring.DatabaseLock{URL: db.URL}, &anchoring.DatabaseLock{URL: db.URL}
	defer first.Release(t.Context())
	defer second.Release(t.Context())
	for range 2 {
		if err := first.Hold(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := second.Hold(t.Context()); !errors.Is(err, anchoring.ErrStandby) {
			t.Fatalf("the second: %v, want %v", err, anchoring.ErrStandby)
		}
	}
	first.Release(t.Context())
	if err := second.Hold(t.Context()); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
	db.TakeAway(t)
	if err := second.Hold(t.Context()); err == nil || errors.Is(err, anchoring.ErrStandby) {
		t.Errorf("without a database: %v", err)
	}
	db.GiveBack(t)
	if err := second.Hold(t.Context()); err != nil {
		t.Errorf("with the database back: %v", err)
	}
}
