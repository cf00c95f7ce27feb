package chain_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/anchor/chain"
)

// A provider's key is sent, and shown to nobody.
func TestTheKeyInAnAddressStaysSecret(t *testing.T) {
	var asked *url.URL
	var user, password string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL
		user, password, _ = r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":"0x539"}`)
	}))
	address, err := url.Parse(strings.Replace(server.URL, "://", "://me:pass-secret@", 1) + "/v3/path-secret?key=query-secret")
	if err != nil {
		t.Fatal(err)
	}
	node, err := chain.Dial(t.Context(), address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	if id, err := node.ChainID(t.Context()); err != nil || id.Int64() != 1337 {
		t.Fatalf("chain %v, %v", id, err)
	}
	if asked.Path != "/v3/path-secret" || asked.RawQuery != "key=query-secret" || user != "me" || password != "pass-secret" {
		t.Errorf("asked at %s as %s", asked, user)
	}
	server.Close()
	if _, err := node.ChainID(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("with the node down: %v", err)
	}
}
