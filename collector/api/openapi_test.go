package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/tillproof/tillproof/collector/api"
)

// Every route is described and everything described is a route.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	t.Parallel()
	var document struct {
		OpenAPI    string
		Paths      map[string]map[string]json.RawMessage
		Components map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(api.OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1.") {
		t.Errorf("version %s", document.OpenAPI)
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

func TestOpenAPIIsServed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := f.requireStatus(f.do("GET", "/v1/openapi.json", "", ""), http.StatusOK)
	if string(a.body) != string(api.OpenAPI) || a.Header.Get("Content-Type") != "application/json" {
		t.Error("what is served is not the document")
	}
}
