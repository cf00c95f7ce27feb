// Package openapitest holds a server's real answers against the OpenAPI 3.1 document that it publishes: status, media type
// and, of JSON, the schema.
package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Document is a published description. Several tests may check against it at once.
type Document struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	paths    []path
	good     map[string]bool // operations of which an answer with a status below 400 was checked
	problems map[string]bool // operations of which another was, with its body
}

type path struct {
	name       string
	pattern    *regexp.Regexp
	operations map[string]operation // by method, in lower case
}

type operation struct {
	Responses map[string]struct {
		Ref     string `json:"$ref"`
		Content map[string]json.RawMessage
	}
}

const resource = "openapi.json"

var parameter = regexp.MustCompile(`\\\{[a-zA-Z]+\\\}`)

// Read reads a document.
func Read(text []byte) (*Document, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]operation
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1.") {
		return nil, fmt.Errorf("the document is of version %q, not 3.1", document.OpenAPI)
	}
	d := &Document{compiler: jsonschema.NewCompiler(), good: map[string]bool{}, problems: map[string]bool{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(resource, value); err != nil {
		return nil, fmt.Errorf("read the document's schemas: %w", err)
	}
	for name, operations := range document.Paths {
		quoted := strings.ReplaceAll(regexp.QuoteMeta(name), `\{path\}`, ".+") // the one parameter that holds slashes
		pattern := "^" + parameter.ReplaceAllString(quoted, "[^/]+") + "$"
		d.paths = append(d.paths, path{name, regexp.MustCompile(pattern), operations})
	}
	// A path without parameters is meant before one with a parameter in the same place.
	slices.SortFunc(d.paths, func(a, b path) int {
		return strings.Compare(strings.ReplaceAll(a.name, "{", "\x7f"), strings.ReplaceAll(b.name, "{", "\x7f"))
	})
	return d, nil
}

// find gives the described path of a request.
func (d *Document) find(request *http.Request) (path, bool) {
	for _, p := range d.paths {
		if p.pattern.MatchString(request.URL.EscapedPath()) {
			return p, true
		}
	}
	return path{}, false
}

// Check says how an answer is not as the document has it. Without a body, nil, only the status is looked at. What the
// document has no operation for it cannot describe: an address or a method that does not exist; nor an internal error, which
// is not meant to be.
func (d *Document) Check(answer *http.Response, body []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	method := strings.ToLower(answer.Request.Method)
	p, _ := d.find(answer.Request)
	operation, known := p.operations[method]
	if !known || answer.StatusCode == http.StatusInternalServerError {
		return nil
	}
	status := strconv.Itoa(answer.StatusCode)
	response, known := operation.Responses[status]
	if !known {
		return fmt.Errorf("status %s is not described", status)
	}
	seen := d.good
	if answer.StatusCode >= http.StatusBadRequest {
		seen = d.problems
	}
	if len(body) > 0 || answer.StatusCode < http.StatusBadRequest {
		seen[answer.Request.Method+" "+p.name] = true
	}
	if len(body) == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("its media type: %w", err)
	}
	pointer := "/paths/" + escape(p.name) + "/" + method + "/responses/" + status
	if response.Ref != "" {
		pointer = strings.TrimPrefix(response.Ref, "#")
	} else if _, known := response.Content[kind]; !known {
		return fmt.Errorf("status %s with %s is not described", status, kind)
	}
	return d.validate(pointer+"/content/"+escape(kind)+"/schema", kind, body)
}

var escape = strings.NewReplacer("~", "~0", "/", "~1").Replace

// validate holds JSON against a schema; of lines of JSON the schema describes each.
func (d *Document) validate(pointer, kind string, body []byte) error {
	texts := [][]byte{body}
	switch {
	case strings.HasSuffix(kind, "ndjson"):
		texts = bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	case !strings.HasSuffix(kind, "json"):
		return nil
	}
	schema, err := d.compiler.Compile(resource + "#" + pointer)
	if err != nil {
		return err
	}
	for _, text := range texts {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return err
		}
	}
	return nil
}

// Unanswered lists the operations of which no good answer was checked yet.
func (d *Document) Unanswered() []string {
	return d.unseen(d.good, func(operation) bool { return true })
}

// WithoutProblem lists the operations that are described to answer with problems, and of which none was checked yet.
func (d *Document) WithoutProblem() []string {
	return d.unseen(d.problems, func(o operation) bool {
		for status := range o.Responses {
			if status >= "400" {
				return true
			}
		}
		return false
	})
}

func (d *Document) unseen(seen map[string]bool, wanted func(operation) bool) (missing []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.paths {
		for method, operation := range p.operations {
			if name := strings.ToUpper(method) + " " + p.name; !seen[name] && wanted(operation) {
				missing = append(missing, name)
			}
		}
	}
	slices.Sort(missing)
	return missing
}
