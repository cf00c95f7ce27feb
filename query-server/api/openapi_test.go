package api_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is the published document, compiled on demand.
type description struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	paths    map[string]map[string]struct {
		Responses map[string]struct {
			Ref     string `json:"$ref"`
			Content map[string]json.RawMessage
		}
	}
}

var described = sync.OnceValues(func() (*description, error) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	d := &description{compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource("openapi.json", document); err != nil {
		return nil, err
	}
	var paths struct{ Paths json.RawMessage }
	if err := json.Unmarshal(text, &paths); err != nil {
		return nil, err
	}
	return d, json.Unmarshal(paths.Paths, &d.paths)
})

var parameter = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// pathOf finds the described path of a request.
func (d *description) pathOf(request *http.Request) string {
	for path := range d.paths {
		pattern := "^" + parameter.ReplaceAllString(path, "[^/]+") + "$"
		if regexp.MustCompile(pattern).MatchString(request.URL.EscapedPath()) {
			return path
		}
	}
	return ""
}

// check holds an answer against the document: its status, its media type and, if it is JSON, its schema. Every answer that
// any test of this package gets is checked.
func (d *description) check(a answer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	path, method := d.pathOf(a.Request), strings.ToLower(a.Request.Method)
	call, known := d.paths[path][method]
	if !known || a.StatusCode == http.StatusInternalServerError {
		return nil // not ours to describe, or not meant to happen
	}
	status := fmt.Sprint(a.StatusCode)
	response, known := call.Responses[status]
	if !known {
		return fmt.Errorf("status %s is not described", status)
	}
	if a.body == "" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1").Replace
	pointer := "/paths/" + escape(path) + "/" + method + "/responses/" + status
	if response.Ref != "" {
		pointer = strings.TrimPrefix(response.Ref, "#")
	} else if _, known := response.Content[kind]; !known {
		return fmt.Errorf("status %s with %s is not described", status, kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	schema, err := d.compiler.Compile("openapi.json#" + pointer + "/content/" + escape(kind) + "/schema")
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
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
