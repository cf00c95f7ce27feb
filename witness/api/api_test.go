package api_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/witness/api"
	"github.com/tillproof/tillproof/witness/store"
	"github.com/tillproof/tillproof/witness/witness"
)

// A log of two entries, of which the witness has both.
var (
	first, second = block.Recorded{Key: ledger.TicketKey{1}}, block.Recorded{Key: ledger.TicketKey{2}}
	one           = leaf(first)
	both          = tlog.NodeHash(leaf(first), leaf(second))
)

func leaf(r block.Recorded) tlog.Hash {
	return tlog.RecordHash(ledger.LogEntry("tickets", r.Key, r.Commitment))
}

func serve(t *testing.T, ready error) (url string, operator, signer *checkpoint.Signer) {
	t.Helper()
	operator, err := checkpoint.NewOperator("example.org/tickets", [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if signer, err = checkpoint.NewWitness("brands.example/witness", [32]byte{2}, time.Now); err != nil {
		t.Fatal(err)
	}
	files, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.New("tickets", operator.Key, signer, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(0, []block.Recorded{first, second}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(w, func(context.Context) error { return ready }))
	t.Cleanup(server.Close)
	return server.URL, operator, signer
}

func post(t *testing.T, url, body string) (int, string, http.Header) {
	t.Helper()
	response, err := http.Post(url+"/add-checkpoint", "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer), response.Header
}

func TestAddCheckpoint(t *testing.T) {
	url, operator, signer := serve(t, nil)
	signed := func(size int64, root tlog.Hash) string {
		return operator.Sign(checkpoint.Checkpoint{Origin: operator.Name(), Size: size, Root: root})
	}
	status, line, _ := post(t, url, "old 0\n\n"+signed(1, one))
	if _, _, err := checkpoint.OpenExactly(signed(1, one)+line, operator.Key, signer.Key); status != http.StatusOK || err != nil {
		t.Fatalf("%d %s %v", status, line, err)
	}
	other := leaf(second)
	proof := base64.StdEncoding.EncodeToString(other[:]) + "\n"
	for _, test := range []struct {
		body   string
		status int
		answer string
	}{
		{"", 400, "old size"},
		{"old x\n\n" + signed(2, both), 400, "old size"},
		{"old 1\nxx\n\n" + signed(2, both), 400, "not a hash"},
		{"old 1\n" + strings.Repeat(proof, 64) + "\n" + signed(2, both), 400, "old size"},
		{strings.Repeat("x", 65<<10), 413, "longer"},
		{"old 1\n\nnonsense", 403, "not one of the operator's"},
		{"old 0\n\n" + signed(2, both), 409, "1\n"},
		{"old 1\n\n" + signed(2, both), 422, "consistency proof"},
		{"old 1\n" + proof + "\n" + signed(2, one), 422, "not the one"},
		{"old 1\n" + proof + "\n" + signed(2, both), 200, "— brands.example/witness "},
		{"old 2\n\n" + signed(2, both), 200, "— brands.example/witness "},
		{"old 2\n\n" + signed(1, one), 409, "2\n"},
	} {
		status, answer, header := post(t, url, test.body)
		if status != test.status || !strings.Contains(answer, test.answer) {
			t.Errorf("%.40q: %d %q, want %d with %q", test.body, status, answer, test.status, test.answer)
		}
		if status == http.StatusConflict && header.Get("Content-Type") != "text/x.tlog.size" {
			t.Errorf("a conflict comes as %s", header.Get("Content-Type"))
		}
	}
}

func TestReadiness(t *testing.T) {
	for _, test := range []struct {
		ready  error
		status int
	}{{nil, 200}, {errors.New("no peer"), 503}} {
		url, _, signer := serve(t, test.ready)
		for path, want := range map[string]int{"/healthz": 200, "/readyz": test.status, "/key": 200, "/metrics": 200, "/other": 404} {
			response, err := http.Get(url + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
			}
			if path == "/key" && string(body) != fmt.Sprintln(signer.Key) {
				t.Errorf("the key is %s", body)
			}
		}
	}
}
