package cosign_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/cosign"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
)

var asked = statement.Checkpoint{
	Place:    statement.Place{ChainID: 1, Contract: common.Address{7}, Epoch: 2},
	Previous: statement.State{Size: 5, Root: common.Hash{5}},
	Next:     statement.State{Size: 9, Root: common.Hash{9}},
}

func witness(t *testing.T, by *key.Keystore, policy cosign.Policy) cosign.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(cosign.Path, cosign.Handler{Other: chaintest.Retail.Address(), Policy: policy, Signer: by,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return cosign.Client{URL: at, Signer: chaintest.Brands.Address(), HTTP: server.Client()}
}

func byRetail(t *testing.T, c statement.Checkpoint) statement.Signature {
	t.Helper()
	signature, err := chaintest.Retail.SignStatement(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestCosigns(t *testing.T) {
	var seen statement.Checkpoint
	client := witness(t, chaintest.Brands, func(_ context.Context, c statement.Checkpoint) error { seen = c; return nil })
	signature, err := client.Cosign(t.Context(), asked, byRetail(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	if err := signature.Verify(asked, chaintest.Brands.Address()); err != nil || seen != asked {
		t.Errorf("%v, the policy saw %+v", err, seen)
	}
}

func TestDoesNotCosign(t *testing.T) {
	agree := func(context.Context, statement.Checkpoint) error { return nil }
	secret := errors.New("the peer at a secret place is down")
	for name, test := range map[string]struct {
		client cosign.Client
		signed statement.Checkpoint // by retail
		want   error
		says   string
	}{
		"the policy refuses": {witness(t, chaintest.Brands, func(context.Context, statement.Checkpoint) error {
			return fmt.Errorf("%w: the root is another", cosign.ErrRefused)
		}), asked, cosign.ErrRefused, "the root is another"},
		"the policy cannot tell": {witness(t, chaintest.Brands, func(context.Context, statement.Checkpoint) error { return secret }),
			asked, cosign.ErrNotYet, ""},
		"it is not signed by the other": {witness(t, chaintest.Brands, agree), statement.Checkpoint{}, cosign.ErrRefused, "not signed by"},
		"it signs with another key":     {witness(t, chaintest.Stranger, agree), asked, cosign.ErrRefused, "another signature"},
		"nobody is there":               {cosign.Client{URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, HTTP: http.DefaultClient}, asked, cosign.ErrNotYet, ""},
		"something else is there":       {elsewhere(t, "<html>"), asked, cosign.ErrNotYet, "cannot be read"},
		"something endless is there":    {elsewhere(t, strings.Repeat("{", 1<<20)), asked, cosign.ErrNotYet, ""},
	} {
		_, err := test.client.Cosign(t.Context(), asked, byRetail(t, test.signed))
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, test.want, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "secret place") {
			t.Errorf("%s: an internal error is told: %v", name, err)
		}
	}
}

func elsewhere(t *testing.T, body string) cosign.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return cosign.Client{URL: at, Signer: chaintest.Brands.Address(), HTTP: server.Client()}
}

func TestBadRequests(t *testing.T) {
	client := witness(t, chaintest.Brands, func(context.Context, statement.Checkpoint) error { t.Error("the policy was asked"); return nil })
	for _, body := range []string{"", "{}", "[]", `{"size":-1}`, `{"sise":1}`, `{"contract":"0x1"}`, `{"signature":"0x00"}`, strings.Repeat(" ", 1<<20)} {
		response, err := client.HTTP.Post(client.URL.JoinPath(cosign.Path).String(), "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest && response.StatusCode != http.StatusConflict {
			t.Errorf("%.40q: %s", body, response.Status)
		}
	}
	response, err := client.HTTP.Get(client.URL.JoinPath(cosign.Path).String())
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %s", response.Status)
	}
}
