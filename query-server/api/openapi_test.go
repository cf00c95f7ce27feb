package api_test

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/domain/openapitest"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// described is the published document. Every answer that any test of this package gets is held against it.
var described = sync.OnceValues(func() (*openapitest.Document, error) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	return openapitest.Read(text)
})

// After all tests, each operation that is described must have answered well at least once, and with a problem if it has any,
// as described.
func TestMain(m *testing.M) {
	code := m.Run()
	document, err := described()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	some := flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" || flag.Lookup("test.list").Value.String() != ""
	if code == 0 && !some && os.Getenv(hotstatetest.EnvironmentVariable) != "" {
		for what, missing := range map[string][]string{"good answer": document.Unanswered(), "problem": document.WithoutProblem()} {
			for _, operation := range missing {
				fmt.Fprintf(os.Stderr, "FAIL: no test has seen a %s of %s\n", what, operation)
				code = 1
			}
		}
	}
	os.Exit(code)
}

func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.do("GET", "/v1/openapi.json", ""); got.StatusCode != 200 || got.body != string(text) {
		t.Errorf("%d", got.StatusCode)
	}
	for _, path := range []string{"/.well-known/jwks.json", "/healthz", "/readyz", "/metrics"} {
		if got := s.do("GET", path, ""); got.StatusCode != 200 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}
