package api_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/mux"

	"github.com/tillproof/tillproof/collector/api"
	"github.com/tillproof/tillproof/domain/openapitest"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// described is the published document. Every answer that any test of this package gets is held against it.
var described = sync.OnceValues(func() (*openapitest.Document, error) { return openapitest.Read(api.OpenAPI) })

// checkDescribed holds an answer against the published document.
func (f *fixture) checkDescribed(a answer) {
	f.Helper()
	document, err := described()
	if err != nil {
		f.Fatal(err)
	}
	if err := document.Check(a.Response, a.body); err != nil {
		f.Errorf("%s %s answers otherwise than its description says: %v\n%s", a.Request.Method, a.Request.URL, err, a.body)
	}
}

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

// Every route is described and everything described is a route.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths      map[string]map[string]json.RawMessage
		Components map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(api.OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	for path, operations := range document.Paths {
		for method := range operations {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	err := api.Router().Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		for _, method := range methods {
			routed = append(routed, method+" "+path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range routed {
		if !slices.Contains(described, route) {
			t.Errorf("%s is not described", route)
		}
	}
	for _, route := range described {
		if !slices.Contains(routed, route) {
			t.Errorf("%s is no route", route)
		}
	}
	for _, reference := range references(t, api.OpenAPI) {
		parts := strings.Split(strings.TrimPrefix(reference, "#/components/"), "/")
		if len(parts) != 2 || document.Components[parts[0]][parts[1]] == nil {
			t.Errorf("%s leads nowhere", reference)
		}
	}
}

func references(t *testing.T, document []byte) (found []string) {
	t.Helper()
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if reference, ok := node["$ref"].(string); ok {
				found = append(found, reference)
			}
			for _, child := range node {
				walk(child)
			}
		case []any:
			for _, child := range node {
				walk(child)
			}
		}
	}
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	walk(root)
	return found
}

// Whatever needs a credential is closed without one, and says so as described.
func TestNobodyIsLetInWithoutACredential(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	open := []string{"/v1/openapi.json", "/healthz", "/readyz", "/metrics"}
	err := api.Router().Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil || slices.Contains(open, path) {
			return err
		}
		methods, err := route.GetMethods()
		for _, method := range methods {
			t.Log(method, path)
			f.requireProblem(f.do(method, strings.NewReplacer("{", "", "}", "").Replace(path), "", ""), http.StatusUnauthorized, "unauthorized")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.requireStatus(f.do("GET", "/v1/openapi.json", "", ""), http.StatusOK)
	if string(a.body) != string(api.OpenAPI) || a.Header.Get("Content-Type") != "application/json" {
		t.Error("what is served is not the document")
	}
}
